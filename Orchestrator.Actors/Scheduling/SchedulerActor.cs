using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Event;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Actors.Scheduling;

/// <summary>The scheduler singleton: follows nodes and pods in the cache, chooses a node for each pending pod, and binds the pod or records why it is
/// unschedulable.</summary>
/// <remarks>It may stop at any time: a new scheduler starts from the cache, and a bound pod rejects a second node.</remarks>
public sealed class SchedulerActor : ReceiveActor, IWithTimers
{
    private const string By = "system:scheduler";
    private readonly ObjectCache _cache;
    private readonly TimeProvider _time;
    private readonly CommandOutbox<string> _commands;
    private readonly Dictionary<string, (KubeObject Pod, long Since)> _pending = [];
    private readonly Dictionary<string, string> _unschedulable = [];
    private readonly Dictionary<string, string> _binding = [];
    private IDisposable? _feed;
    private ClusterSnapshot _snapshot = ClusterSnapshot.Empty;

    /// <summary>Use <see cref="Props"/>.</summary>
    public SchedulerActor(ObjectCache cache, Func<IActorRef> region, TimeProvider time)
    {
        _cache = cache;
        _time = time;
        _commands = new CommandOutbox<string>(region, new OutboxOwner(Self, this, time, Context.GetLogger()), ObjectCommand.ReplyBound, RetryPolicy.Default);
        Receive<FeedBatch>(OnBatch);
        Receive<CommandReply>(OnReply);
        Receive<CommandsDue>(_ => Reconsider(_commands.TakeDue().Again));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Creates the actor's props.</summary>
    public static Props Props(ObjectCache cache, Func<IActorRef> region, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new SchedulerActor(cache, region, time));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        _feed = _cache.Listen(batch => self.Tell(batch));
        foreach (var node in _cache.Snapshot(NodeDefinition.Instance).Objects.Values)
        {
            _snapshot = _snapshot.With(node.As<V1Node>());
        }

        foreach (var pod in _cache.Snapshot(PodDefinition.Instance).Objects.Values)
        {
            Take(pod);
        }

        Place();
        Measure();
    }

    /// <inheritdoc/>
    protected override bool AroundReceive(Receive receive, object message)
    {
        var isHandled = base.AroundReceive(receive, message);
        Measure();
        return isHandled;
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _feed?.Dispose();
        SchedulerInstruments.Pending(0, 0);
    }

    private void Measure() => SchedulerInstruments.Pending(_pending.Count - _unschedulable.Count, _unschedulable.Count);

    private void OnBatch(FeedBatch batch)
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

        if (pod.IsDeleting || PodSpecs.Of(pod).SchedulerName is not (null or "" or "default-scheduler"))
        {
            Forget(pod.Uid);
            return false;
        }

        _pending[pod.Uid] = (pod, _time.GetTimestamp());
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
        var start = _time.GetTimestamp();
        var result = SchedulingPipeline.Schedule(_snapshot, [.. waiting.Select(PodInfo.Of)]);
        SchedulerInstruments.Passed(_time.GetElapsedTime(start), result.Placements.Count, result.Unschedulable.Count);
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

            _commands.Send(pod.Uid, new BindPod(pod.Key, pod.Uid, placement.Node, By, pod.Revision, scores));
        }

        foreach (var unschedulable in result.Unschedulable)
        {
            var pod = byUid[unschedulable.Pod.Uid];
            if (_unschedulable.GetValueOrDefault(pod.Uid) != unschedulable.Why.Message)
            {
                _unschedulable[pod.Uid] = unschedulable.Why.Message;
                _commands.Send(pod.Uid, Unschedulable(pod, unschedulable.Why));
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
            ["lastTransitionTime"] = KubeTime.Text(_time.GetUtcNow()),
        };
        return new MergeObject(pod.Key, pod.Uid, new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } },
            "unschedulable", By, pod.Revision, Details(why), [new RecordedEvent("Warning", "FailedScheduling", why.Message, "default-scheduler")]);
    }

    private static JsonObject Details(Diagnosis why) => new()
    {
        ["nodes"] = why.Nodes,
        ["refusedBy"] = new JsonObject(why.ByFilter.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)JsonValue.Create(f.Value)))),
        ["reasons"] = new JsonObject(why.ByNode.Select(n => KeyValuePair.Create(n.Key, (JsonNode?)JsonValue.Create(n.Value)))),
    };

    private void OnReply(CommandReply reply)
    {
        if (_commands.Take(reply) is not null && reply.Object is { NodeName: { } node } pod)
        {
            Forget(pod.Uid, node);
        }
    }

    // Frees the resources of pods whose command was refused or not answered and makes them pending again, unless the cache shows them
    // as bound. A pod that was bound nevertheless rejects a second node.
    private void Reconsider(IReadOnlyList<string> uids)
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
            SchedulerInstruments.Bound(_time.GetElapsedTime(pending.Since));
        }

        _unschedulable.Remove(uid);
        if (_binding.Remove(uid, out var node) && node != bound)
        {
            _snapshot = _snapshot.WithoutPod(node, uid);
        }
    }
}
