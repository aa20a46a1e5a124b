using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Actors.Scheduling;

/// <summary>The state of the scheduler: the nodes with their pods, the pods without a node, and the bindings that are under way. It knows no actor. Not
/// thread-safe.</summary>
/// <param name="time">The clock.</param>
/// <param name="send">Sends a command about the pod with a uid.</param>
internal sealed class Scheduler(TimeProvider time, Action<string, ObjectCommand> send)
{
    private const string By = "system:scheduler";
    private readonly Dictionary<string, (KubeObject Pod, long Since)> _pending = [];
    private readonly Dictionary<string, string> _unschedulable = [];
    private readonly Dictionary<string, string> _binding = [];
    private ClusterSnapshot _snapshot = ClusterSnapshot.Empty;

    /// <summary>Number of pods that wait for their binding.</summary>
    public int Active => _pending.Count - _unschedulable.Count;

    /// <summary>Number of pods that no node takes now.</summary>
    public int Unschedulables => _unschedulable.Count;

    /// <summary>Starts from the state of the cache.</summary>
    public void Start(IEnumerable<KubeObject> nodes, IEnumerable<KubeObject> pods)
    {
        foreach (var node in nodes)
        {
            _snapshot = _snapshot.With(node.As<V1Node>());
        }

        foreach (var pod in pods)
        {
            Take(pod);
        }

        Place();
    }

    /// <summary>Follows the changes of a batch, and schedules if they may help a pod that waits.</summary>
    public void Follow(FeedBatch batch)
    {
        var isWorthTrying = false;
        foreach (var change in batch.Changes)
        {
            if (change.Object.Kind == NodeDefinition.Instance)
            {
                _snapshot = change.Type == "DELETED" ? _snapshot.Without(change.Object.Name) : _snapshot.With(change.Object.As<V1Node>());
                isWorthTrying = true;
            }
            else if (change.Object.Kind == PodDefinition.Instance)
            {
                if (change.Previous?.NodeName is { } was && (change.Type == "DELETED" || was != change.Object.NodeName))
                {
                    _snapshot = _snapshot.WithoutPod(was, change.Object.Uid);
                    isWorthTrying = true;
                }

                if (change.Type == "DELETED")
                {
                    Forget(change.Object.Uid);
                }
                else
                {
                    isWorthTrying |= Take(change.Object);
                }
            }
        }

        if (isWorthTrying)
        {
            Place();
        }
    }

    /// <summary>Adds a pod to the pending ones or to its node. True if pods should be scheduled again.</summary>
    private bool Take(KubeObject pod)
    {
        if (pod.NodeName is { } node)
        {
            Forget(pod.Uid, node);
            if (pod.Phase is "Succeeded" or "Failed")
            {
                _snapshot = _snapshot.WithoutPod(node, pod.Uid);
                return true;
            }

            // A pod that is counted need not be updated: its requests cannot change.
            if (!_snapshot.Counts(node, pod.Uid))
            {
                _snapshot = _snapshot.WithPod(node, PodInfo.Of(pod));
            }

            return false;
        }

        if (!pod.IsDeleting && _pending.TryGetValue(pod.Uid, out var known))
        {
            _pending[pod.Uid] = (pod, known.Since);
            return false;
        }

        // A gated pod waits, and is new once its last gate is gone.
        if (pod.IsDeleting || PodSpecs.Of(pod) is not { SchedulerName: null or "" or "default-scheduler", SchedulingGates: null or { Count: 0 } })
        {
            Forget(pod.Uid);
            return false;
        }

        _pending[pod.Uid] = (pod, time.GetTimestamp());
        return true;
    }

    private void Place()
    {
        var waiting = _pending.Values.Select(p => p.Pod).Where(p => !_binding.ContainsKey(p.Uid)).ToList();
        if (waiting.Count == 0)
        {
            return;
        }

        var byUid = waiting.ToDictionary(p => p.Uid);
        var start = time.GetTimestamp();
        var result = SchedulingPipeline.Schedule(_snapshot, [.. waiting.Select(PodInfo.Of)]);
        SchedulerInstruments.Passed(time.GetElapsedTime(start), result.Placements.Count, result.Unschedulable.Count);
        _snapshot = result.After;
        foreach (var placement in result.Placements)
        {
            var pod = byUid[placement.Pod.Uid];
            _binding[pod.Uid] = placement.Node;
            _unschedulable.Remove(pod.Uid);
            var scores = new JsonObject { ["total"] = placement.Total };
            foreach (var (name, score) in placement.Scores)
            {
                scores[name] = score;
            }

            send(pod.Uid, new BindPod(pod.Key, pod.Uid, placement.Node, By, pod.Revision, scores));
        }

        foreach (var unschedulable in result.Unschedulable)
        {
            var pod = byUid[unschedulable.Pod.Uid];
            if (_unschedulable.GetValueOrDefault(pod.Uid) != unschedulable.Why.Message)
            {
                _unschedulable[pod.Uid] = unschedulable.Why.Message;
                send(pod.Uid, Unschedulable(pod, unschedulable.Why));
            }
        }
    }

    private MergeObject Unschedulable(KubeObject pod, Diagnosis why)
    {
        var condition = new JsonObject
        {
            ["type"] = "PodScheduled",
            ["status"] = "False",
            ["reason"] = "Unschedulable",
            ["message"] = why.Message,
            ["lastTransitionTime"] = KubeTime.Text(time.GetUtcNow()),
        };

        // Only of the version that was looked at: a binding that is under way may be stored first.
        return new MergeObject(pod.Key, pod.Uid, new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } },
            "unschedulable", By, pod.Revision, Details(why), [new RecordedEvent("Warning", "FailedScheduling", why.Message, "default-scheduler")], pod.Revision);
    }

    private static JsonObject Details(Diagnosis why) => new()
    {
        ["nodes"] = why.Nodes,
        ["refusedBy"] = new JsonObject(why.ByFilter.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)JsonValue.Create(f.Value)))),
        ["reasons"] = new JsonObject(why.ByNode.Select(n => KeyValuePair.Create(n.Key, (JsonNode?)JsonValue.Create(n.Value)))),
    };

    /// <summary>A command was answered.</summary>
    /// <param name="reply">The reply; the command that it answers was open.</param>
    public void Answered(CommandReply reply)
    {
        if (reply.Object is { NodeName: { } node } pod)
        {
            Forget(pod.Uid, node);
        }
    }

    /// <summary>Frees the resources of pods whose command was refused or not answered and makes them pending again, unless the cache shows them
    /// as bound. A pod that was bound nevertheless rejects a second node.</summary>
    public void Reconsider(IReadOnlyList<string> uids)
    {
        SchedulerInstruments.Failed(uids.Count(_binding.ContainsKey));
        foreach (var uid in uids)
        {
            _unschedulable.Remove(uid);
            if (_binding.Remove(uid, out var node))
            {
                _snapshot = _snapshot.WithoutPod(node, uid);
            }
        }

        if (uids.Count > 0)
        {
            Place();
        }
    }

    private void Forget(string uid, string? bound = null)
    {
        if (_pending.Remove(uid, out var pending) && bound is not null)
        {
            SchedulerInstruments.Bound(time.GetElapsedTime(pending.Since));
        }

        _unschedulable.Remove(uid);
        if (_binding.Remove(uid, out var node) && node != bound)
        {
            _snapshot = _snapshot.WithoutPod(node, uid);
        }
    }
}
