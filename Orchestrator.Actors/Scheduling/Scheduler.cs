using System.Collections.Frozen;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.CSIDrivers;
using Orchestrator.Actors.Kinds.CSINodes;
using Orchestrator.Actors.Kinds.CSIStorageCapacities;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.PodDisruptionBudgets;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.StorageClasses;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Scheduling.Preemption;
using Orchestrator.Actors.Scheduling.Volumes;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Scheduling;

/// <summary>The state of the scheduler: the nodes with their pods, the pods without a node, the bindings that are under way, and the nodes that are being freed.
/// It knows no actor. Not thread-safe.</summary>
/// <param name="view">The cluster.</param>
/// <param name="time">The clock.</param>
/// <param name="send">Sends a command.</param>
internal sealed class Scheduler(IClusterView view, TimeProvider time, Action<Errand, ObjectCommand> send)
{
    private const string By = "system:scheduler";
    private static readonly HashSet<ResourceDefinition> Storage =
    [
        PersistentVolumeClaimDefinition.Instance, PersistentVolumeDefinition.Instance, StorageClassDefinition.Instance,
        CSIDriverDefinition.Instance, CSINodeDefinition.Instance, CSIStorageCapacityDefinition.Instance,
    ];
    private readonly Dictionary<string, (KubeObject Pod, long Since)> _pending = [];
    private readonly Dictionary<string, (string Message, bool IsConstrained)> _unschedulable = [];
    private readonly Dictionary<string, string> _binding = [];
    private readonly Dictionary<string, string> _nominated = [];
    private readonly HashSet<string> _victims = [];
    private readonly HashSet<string> _claiming = [];
    private readonly HashSet<string> _overdue = [];
    private readonly AwaitedVolumes _awaited = new(time);
    private ClusterSnapshot _snapshot = ClusterSnapshot.Empty;

    /// <summary>Number of pods that wait for their binding.</summary>
    public int Active => _pending.Count - _unschedulable.Count;

    /// <summary>Number of pods that no node takes now.</summary>
    public int Unschedulables => _unschedulable.Count;

    /// <summary>Time until <see cref="GiveUpOverdue"/> is to be called; null for never.</summary>
    public TimeSpan? DueIn => _awaited.DueIn;

    /// <summary>Starts from the state of the cache.</summary>
    public void Start()
    {
        foreach (var ns in view.All(NamespaceDefinition.Instance))
        {
            _snapshot = _snapshot.WithNamespace(ns.Name, ns.Labels);
        }

        foreach (var node in view.All(NodeDefinition.Instance))
        {
            _snapshot = _snapshot.With(node.As<V1Node>());
        }

        foreach (var pod in view.All(PodDefinition.Instance))
        {
            if (Take(pod) && pod.NodeName is null && (string?)pod.ToNode()["status"]?["nominatedNodeName"] is { Length: > 0 } nominated)
            {
                _nominated[pod.Uid] = nominated;
            }
        }

        Place();
    }

    /// <summary>Follows the changes of a batch, and schedules if they may help a pod that waits.</summary>
    public void Follow(FeedBatch batch)
    {
        var (isWorthTrying, mayBeBound) = (false, false);
        foreach (var change in batch.Changes)
        {
            if (change.Object.Kind == NodeDefinition.Instance)
            {
                _snapshot = change.Type == "DELETED" ? _snapshot.Without(change.Object.Name) : _snapshot.With(change.Object.As<V1Node>());
                isWorthTrying = true;
            }
            else if (change.Object.Kind == PodDefinition.Instance)
            {
                isWorthTrying |= Follow(change);
            }
            else if (change.Object.Kind == NamespaceDefinition.Instance)
            {
                _snapshot = _snapshot.WithNamespace(change.Object.Name, change.Type == "DELETED" ? null : change.Object.Labels);
                isWorthTrying |= change.Type == "MODIFIED" && change.Previous is { } before && !AreEqual(before.Labels, change.Object.Labels);
            }
            else if (_claiming.Count > 0 && Storage.Contains(change.Object.Kind))
            {
                (isWorthTrying, mayBeBound) = (true, true);
            }
        }

        if (_awaited.Any && (mayBeBound || isWorthTrying))
        {
            FollowAwaited();
        }

        if (isWorthTrying)
        {
            Place();
        }
    }

    /// <summary>Pods whose claims nobody binds leave their room to others.</summary>
    public void GiveUpOverdue()
    {
        if (FollowAwaited())
        {
            Place();
        }
    }

    // Pods whose claims are bound by now get their node; those whose claims went elsewhere look for another one. True if room is free again.
    private bool FollowAwaited()
    {
        var isFree = false;
        foreach (var uid in _awaited.Pods.ToList())
        {
            if (!_pending.TryGetValue(uid, out var pending) || !_binding.TryGetValue(uid, out var node))
            {
                _awaited.Remove(uid);
                continue;
            }

            switch (_awaited.Look(pending.Pod, _snapshot.Nodes.GetValueOrDefault(node) is { Known: true } known ? known : null, view))
            {
                case AwaitedOutcome.IsBound:
                    _awaited.Remove(uid);
                    send(new Errand(uid, ErrandKind.Bind), new BindPod(pending.Pod.Key, uid, node, By, pending.Pod.Revision));
                    break;
                case AwaitedOutcome.HasFailed:
                    Release(uid);
                    isFree = true;
                    break;
                case AwaitedOutcome.IsOverdue:
                    GiveUp(pending.Pod, node);
                    isFree = true;
                    break;
                default:
                    break;
            }
        }

        return isFree;
    }

    // It is tried again after the others have been, with the next change that may help.
    private void GiveUp(KubeObject pod, string node)
    {
        Release(pod.Uid);
        _overdue.Add(pod.Uid);
        var why = Diagnosis.OfPod(AwaitedVolumes.Late(PodVolumes.Of(pod, view), node), "VolumeBinding", _snapshot.Nodes.Values.Count(n => n.Known));
        _unschedulable[pod.Uid] = (why.Message, false);
        send(new Errand(pod.Uid, ErrandKind.Mark), Unschedulable(pod, why, null));
    }

    private bool Follow(ObjectChange pod)
    {
        var hasLeft = pod.Previous?.NodeName is { } was && (pod.Type == "DELETED" || was != pod.Object.NodeName);
        if (hasLeft)
        {
            _snapshot = _snapshot.WithoutPod(pod.Previous!.NodeName!, pod.Object.Uid);
        }

        if (pod.Type == "DELETED")
        {
            // A pod can go before its binding is stored.
            hasLeft |= _binding.ContainsKey(pod.Object.Uid);
            _victims.Remove(pod.Object.Uid);
            Forget(pod.Object.Uid);
            return hasLeft;
        }

        return Take(pod.Object) || hasLeft;
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

            // Of a pod that is counted, nothing else can change that matters.
            if (_snapshot.Counted(node, pod.Uid) is { } counted && counted.IsDeleting == (pod.IsDeleting || _victims.Contains(pod.Uid)) && AreEqual(counted.Labels, pod.Labels))
            {
                return false;
            }

            var info = PodInfo.Of(pod);
            _snapshot = _snapshot.WithPod(node, info with { IsDeleting = info.IsDeleting || _victims.Contains(pod.Uid) });

            // Those that look at the pods of other nodes can have waited for it.
            return _unschedulable.Values.Any(u => u.IsConstrained);
        }

        if (!pod.IsDeleting && _pending.TryGetValue(pod.Uid, out var known))
        {
            // What it is kept waiting by can be its own labels, and tolerations can be added.
            _pending[pod.Uid] = (pod, known.Since);
            return !AreEqual(known.Pod.Labels, pod.Labels) || !ReferenceEquals(PodSpecs.Of(known.Pod), PodSpecs.Of(pod));
        }

        // A gated pod waits, and is new once its last gate is gone.
        if (pod.IsDeleting || PodSpecs.Of(pod) is not { SchedulerName: null or "" or "default-scheduler", SchedulingGates: null or { Count: 0 } })
        {
            var hadNode = _binding.ContainsKey(pod.Uid);
            Forget(pod.Uid);
            return hadNode;
        }

        _pending[pod.Uid] = (pod, time.GetTimestamp());
        if (PodVolumes.Has(pod))
        {
            _claiming.Add(pod.Uid);
        }

        return true;
    }

    private void Place()
    {
        // What was placed can be what others wait to be near to. Only when nothing more is placed can pods have to go for those.
        while (PlaceOnce(isLast: false))
        {
        }

        if (_unschedulable.Values.Any(u => u.IsConstrained))
        {
            PlaceOnce(isLast: true);
        }

        _overdue.Clear();
    }

    private bool PlaceOnce(bool isLast)
    {
        var waiting = _pending.Values.Select(p => p.Pod).Where(p => !_binding.ContainsKey(p.Uid) && !_overdue.Contains(p.Uid)).ToList();
        if (waiting.Count == 0)
        {
            return false;
        }

        var byUid = waiting.ToDictionary(p => p.Uid);
        var start = time.GetTimestamp();
        var volumes = Volumes(waiting);
        var result = SchedulingPipeline.Schedule(_snapshot, [.. waiting.Select(p => PodInfo.Of(p) with { NominatedNode = _nominated.GetValueOrDefault(p.Uid), Volumes = volumes.GetValueOrDefault(p.Uid) })], Victims(), isLast);
        SchedulerInstruments.Passed(time.GetElapsedTime(start), result.Placements.Count, result.Unschedulable.Count);
        _snapshot = result.After;
        foreach (var placement in result.Placements)
        {
            Bind(byUid[placement.Pod.Uid], placement);
        }

        foreach (var preemption in result.Preemptions)
        {
            Preempt(preemption);
        }

        var freed = result.Preemptions.ToDictionary(p => p.Pod.Uid);
        foreach (var (info, why, nominated, isConstrained) in result.Unschedulable)
        {
            var pod = byUid[info.Uid];
            if (isConstrained && !isLast)
            {
                // What is to be said is known after the last round.
                _unschedulable[pod.Uid] = (_unschedulable.GetValueOrDefault(pod.Uid).Message ?? "", true);
                continue;
            }

            var isNew = Nominate(pod.Uid, nominated) || _unschedulable.GetValueOrDefault(pod.Uid).Message != why.Message;
            _unschedulable[pod.Uid] = (why.Message, isConstrained);
            if (isNew)
            {
                send(new Errand(pod.Uid, ErrandKind.Mark), Unschedulable(pod, why, freed.GetValueOrDefault(pod.Uid)));
            }
        }

        return result.Placements.Count > 0 && result.Unschedulable.Any(u => u.IsConstrained);
    }

    // What the claims of pods demand. Few pods have some.
    private Dictionary<string, PodVolumes> Volumes(IReadOnlyCollection<KubeObject> waiting)
    {
        var all = new Dictionary<string, PodVolumes>();
        if (_claiming.Count == 0)
        {
            return all;
        }

        var taken = _claiming.Where(_binding.ContainsKey).Select(uid => PodVolumes.Of(_pending[uid].Pod, view)).SelectMany(v => v?.Alone ?? []).ToHashSet();
        foreach (var pod in waiting.Where(p => _claiming.Contains(p.Uid)))
        {
            if (PodVolumes.Of(pod, view) is { } volumes)
            {
                all[pod.Uid] = volumes.Beside(taken);
            }
        }

        return all;
    }

    /// <summary>Keeps in mind which node is being freed for a pod. True if it is another than before.</summary>
    private bool Nominate(string uid, string? node)
    {
        var before = _nominated.GetValueOrDefault(uid);
        if (node is null)
        {
            _nominated.Remove(uid);
        }
        else
        {
            _nominated[uid] = node;
        }

        return before != node;
    }

    private VictimFacts Victims() => new(
        p => view.ByUid(p.Uid) is { } pod ? PodOutline.Of(pod).StartedAt : null,
        ns => view.All(PodDisruptionBudgetDefinition.Instance, ns).Where(b => !b.IsDeleting).Select(b => b.As<V1PodDisruptionBudget>()));

    private void Bind(KubeObject pod, Placement placement)
    {
        _binding[pod.Uid] = placement.Node;
        _unschedulable.Remove(pod.Uid);
        if (placement.Pod.Volumes is { Waiting.Count: > 0 } volumes)
        {
            foreach (var command in _awaited.Add(pod, placement.Node, volumes, By))
            {
                send(new Errand(pod.Uid, ErrandKind.Select), command);
            }

            return;
        }

        var scores = new JsonObject { ["total"] = placement.Total };
        foreach (var (name, score) in placement.Scores)
        {
            scores[name] = score;
        }

        send(new Errand(pod.Uid, ErrandKind.Bind), new BindPod(pod.Key, pod.Uid, placement.Node, By, pod.Revision, scores));
    }

    // The victims go as any deleted pod does, with their grace; the pod gets the room when they have left.
    private void Preempt(PreemptionPlan plan)
    {
        SchedulerInstruments.Preempted(plan.Victims.Count);
        foreach (var victim in plan.Victims)
        {
            _victims.Add(victim.Uid);
            _snapshot = _snapshot.WithPod(plan.Node, victim with { IsDeleting = true });
            var key = new ObjectKey(PodDefinition.Instance.Resource, victim.Namespace, victim.Name);
            var target = DisruptionTarget.Patch("PreemptionByScheduler", "default-scheduler: preempting to accommodate a higher priority pod", time.GetUtcNow());
            var errand = new Errand(victim.Uid, ErrandKind.Preempt);
            send(errand, new MergeObject(key, victim.Uid, target, "preempted", By,
                RecordedEvents: [new RecordedEvent("Normal", "Preempted", $"Preempted by pod {plan.Pod.Uid} on node {plan.Node}", "default-scheduler")]));
            send(errand, new DeleteObject(key, By, ExpectedUid: victim.Uid));
        }
    }

    private MergeObject Unschedulable(KubeObject pod, Diagnosis why, PreemptionPlan? freed)
    {
        var status = new JsonObject { ["conditions"] = new JsonArray(Condition("PodScheduled", "False", "Unschedulable", why.Message)) };
        status["nominatedNodeName"] = _nominated.GetValueOrDefault(pod.Uid);

        // Only of the version that was looked at: a binding that is under way may be stored first.
        return new MergeObject(pod.Key, pod.Uid, new JsonObject { ["status"] = status },
            "unschedulable", By, pod.Revision, Details(why, freed), [new RecordedEvent("Warning", "FailedScheduling", why.Message, "default-scheduler")], pod.Revision);
    }

    private JsonObject Condition(string type, string status, string reason, string message) => new()
    {
        ["type"] = type,
        ["status"] = status,
        ["reason"] = reason,
        ["message"] = message,
        ["lastTransitionTime"] = KubeTime.Text(time.GetUtcNow()),
    };

    private static JsonObject Details(Diagnosis why, PreemptionPlan? freed)
    {
        var details = new JsonObject
        {
            ["nodes"] = why.Nodes,
            ["refusedBy"] = new JsonObject(why.ByFilter.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)JsonValue.Create(f.Value)))),
            ["reasons"] = new JsonObject(why.ByNode.Select(n => KeyValuePair.Create(n.Key, (JsonNode?)JsonValue.Create(n.Value)))),
        };
        if (freed is not null)
        {
            details["preemption"] = new JsonObject
            {
                ["node"] = freed.Node,
                ["victims"] = new JsonArray([.. freed.Victims.Select(v => (JsonNode)$"{v.Namespace}/{v.Name}")]),
            };
        }

        return details;
    }

    /// <summary>A command was answered.</summary>
    /// <param name="about">What it was for.</param>
    /// <param name="reply">The reply; the command that it answers was open.</param>
    public void Answered(Errand about, CommandReply reply)
    {
        if (about.Kind == ErrandKind.Select && reply is { Error: null, Object: { } claim })
        {
            // The cache may show already what has become of it.
            _awaited.Told(about.Uid, claim);
            GiveUpOverdue();
            return;
        }

        if (reply.Object is { NodeName: { } node } pod)
        {
            Forget(pod.Uid, node);
        }
    }

    /// <summary>Decides again what could not be brought about. A pod whose binding was refused or not answered is pending again and its room free, unless the
    /// cache shows it as bound; if it was bound nevertheless, it rejects a second node. A victim that was not told stays.</summary>
    public void Reconsider(IReadOnlyList<Errand> errands)
    {
        SchedulerInstruments.Failed(errands.Count(e => e.Kind == ErrandKind.Bind && _binding.ContainsKey(e.Uid)));
        foreach (var (uid, kind) in errands)
        {
            if (kind is ErrandKind.Bind or ErrandKind.Select)
            {
                Release(uid);
            }

            if (kind == ErrandKind.Preempt && _victims.Remove(uid) && view.ByUid(uid) is { } spared)
            {
                Take(spared);
            }

            if (kind != ErrandKind.Preempt)
            {
                _unschedulable.Remove(uid);
            }
        }

        if (errands.Count > 0)
        {
            Place();
        }
    }

    // The pod has no node any more, and its room is free.
    private void Release(string uid)
    {
        _awaited.Remove(uid);
        if (_binding.Remove(uid, out var node))
        {
            _snapshot = _snapshot.WithoutPod(node, uid);
        }
    }

    private void Forget(string uid, string? bound = null)
    {
        if (_pending.Remove(uid, out var pending) && bound is not null)
        {
            SchedulerInstruments.Bound(time.GetElapsedTime(pending.Since));
        }

        _unschedulable.Remove(uid);
        _nominated.Remove(uid);
        _claiming.Remove(uid);
        _awaited.Remove(uid);
        if (_binding.Remove(uid, out var node) && node != bound)
        {
            _snapshot = _snapshot.WithoutPod(node, uid);
        }
    }

    private static bool AreEqual(FrozenDictionary<string, string> a, FrozenDictionary<string, string> b) =>
        ReferenceEquals(a, b) || (a.Count == b.Count && a.All(l => b.TryGetValue(l.Key, out var value) && value == l.Value));
}
