using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Nodes;

namespace Orchestrator.Node.Agent;

/// <summary>A node: registers itself, takes the pods bound to it, gives each a worker, and removes from the host what is nobody's.</summary>
internal sealed class NodeAgentActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan AttachInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstAttachBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RuntimeRetry = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan OrphanGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReplyBound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReviveDelay = TimeSpan.FromSeconds(5);
    private readonly AgentServices _services;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, Worker> _pods = [];
    private readonly Dictionary<string, long> _held = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly RuntimeWatch _watch;
    private RuntimeInfo? _facts;
    private IReadOnlyList<RuntimeImage> _images = [];
    private string? _down = "it was not asked yet";
    private KubeObject? _node;
    private JsonObject? _reported;
    private bool _isAttached;
    private string? _refused;
    private IReadOnlyList<RuntimePodStatus>? _observed;

    public NodeAgentActor(AgentServices services)
    {
        _services = services;
        _watch = new RuntimeWatch(services, Self);
        Receive<DesiredPods>(Desire);
        Receive<PodWorkerActor.PodFinished>(finished =>
        {
            _pods.Remove(finished.Uid);
            _held.Remove(finished.Uid);
        });
        Receive<PodWorkerActor.RuntimeLost>(Doubt);
        Receive<Terminated>(Ended);
        Receive<Revive>(Begin);
        Receive<Attach>(_ => AttachNow());
        Receive<AskRuntime>(_ => _watch.Restart());
        Receive<RuntimeWatch.Connected>(Answered, answer => _watch.IsCurrent(answer.Number));
        Receive<RuntimeWatch.Listed>(Listed, listed => _watch.IsCurrent(listed.Number));
        Receive<RuntimeWatch.Unavailable>(silent => Down(silent.Why), silent => _watch.IsCurrent(silent.Number));
        Receive<RuntimeWatch.PodChanged>(
            changed => _pods.GetValueOrDefault(changed.PodUid)?.Actor.Tell(new PodWorkerActor.RuntimeChanged()), changed => _watch.IsCurrent(changed.Number));
        Receive<CommandReply>(Registered);
        Receive<AttachRefused>(refused => Refused(refused.Why));
        Receive<Register>(_ => RegisterNow());
        Receive<OpenLog>(open =>
        {
            var session = Context.ActorOf(LogSessionActor.Props(_services.Runtime, open));
            Sender.Tell(new LogOpened(session));
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(AgentServices services) => Akka.Actor.Props.Create(() => new NodeAgentActor(services));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(e =>
    {
        // A restart would bring back the version of the pod that the worker began with.
        _log.Error(e, "Node {0}: a pod's worker or a log failed", _services.Node);
        return Directive.Stop;
    });

    /// <inheritdoc/>
    protected override void PreStart() => _watch.Restart();

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopping.Cancel();
        _watch.Stop();
    }

    /// <inheritdoc/>
    protected override void Unhandled(object message)
    {
        // News of a life of the watch that is over.
        if (message is not (RuntimeWatch.Connected or RuntimeWatch.Listed or RuntimeWatch.Unavailable or RuntimeWatch.PodChanged))
        {
            base.Unhandled(message);
        }
    }

    private void Answered(RuntimeWatch.Connected answer)
    {
        _facts = answer.Facts;
        _services.Learn(answer.Facts);
        _images = answer.Images;
        _down = null;
        RegisterNow();
    }

    private void Listed(RuntimeWatch.Listed listed)
    {
        _observed = listed.Pods;
        foreach (var pod in _pods.Values)
        {
            pod.Actor.Tell(new PodWorkerActor.RuntimeChanged());
        }

        RemoveOrphans();
    }

    // A pod's step found the runtime silent; whether it is, the watch finds out. Not at once: the step may fail again and again.
    private void Doubt(PodWorkerActor.RuntimeLost lost)
    {
        if (!Timers.IsTimerActive(AskRuntime.Instance))
        {
            _log.Warning("Node {0}: {1} did not answer a pod: {2}", _services.Node, _services.Runtime.Address, lost.Why);
            Timers.StartSingleTimer(AskRuntime.Instance, AskRuntime.Instance, RuntimeRetry);
        }
    }

    private void Down(string why)
    {
        Timers.StartSingleTimer(AskRuntime.Instance, AskRuntime.Instance, RuntimeRetry);
        _watch.Stop();
        var reason = $"{_services.Runtime.Address}: {why}";
        if (_down == reason)
        {
            return;
        }

        _down = reason;
        _observed = null;
        _log.Warning("Node {0}: the container runtime does not answer: {1}", _services.Node, reason);
        RegisterNow();
    }

    private void RegisterNow()
    {
        Timers.StartSingleTimer(Register.Instance, Register.Instance, ReplyBound);
        if (_node is null)
        {
            _services.Region.Tell(new GetObject(NodeDefinition.Instance.Key(null, _services.Node), By));
            return;
        }

        var old = _node.ToNode();
        var status = NodeStatusBuilder.Status(_services, _facts, _down, _images, old["status"]?["conditions"] as JsonArray, _services.Time.GetUtcNow());
        var patch = JsonMerge.Diff(new JsonObject { ["status"] = old["status"]?.DeepClone() }, new JsonObject { ["status"] = status.DeepClone() });
        _reported = status;
        if (patch is null)
        {
            // What the journal says is still so: nothing to write.
            Settle();
            return;
        }

        var wasReady = IsReady(old["status"] as JsonObject);
        EventNote[] notes = wasReady == (_down is null) ? []
            : [_down is null ? new EventNote("Normal", "NodeReady", $"Node {_services.Node} status is now: NodeReady", "kubelet")
                : new EventNote("Warning", "NodeNotReady", $"Node {_services.Node} status is now: NodeNotReady: {_down}", "kubelet")];
        _services.Region.Tell(new MergeObject(_node.Key, _node.Uid, patch, "reported", By, _node.Revision, Notes: [.. notes]));
    }

    private void Registered(CommandReply reply)
    {
        if (reply.Error is { Reason: ApiReason.NotFound })
        {
            _node = null;
            _services.Region.Tell(new CreateObject(NodeDefinition.Instance.Key(null, _services.Node), NodeStatusBuilder.Object(_services), By));
            return;
        }

        if (reply.Object is { } found && NodeIdentity.Refusal(found, _services.Installation) is { } why)
        {
            Refused(why);
        }
        else if (reply.Object is { } node)
        {
            // The version that was settled already: nothing to compare.
            if (_isAttached && node.Revision == _node?.Revision && !Timers.IsTimerActive(Register.Instance))
            {
                return;
            }

            _node = node;
            var isSettled = _reported is not null && JsonNode.DeepEquals(node.ToNode()["status"], _reported);
            if (isSettled)
            {
                Settle();
            }
            else
            {
                RegisterNow();
            }
        }
        else if (reply.Error is { Reason: ApiReason.Conflict or ApiReason.AlreadyExists })
        {
            // Another incarnation of the node: read it again.
            _node = null;
            RegisterNow();
        }
    }

    // It goes on asking: when the other host is lost the node can be this one's.
    private void Refused(string why)
    {
        _node = null;
        Timers.StartSingleTimer(Register.Instance, Register.Instance, ReplyBound);
        _services.Readiness.Waits(_services.Node, why);
        if (_refused != why)
        {
            _refused = why;
            _log.Error("This host runs no pods: {0}", why);
        }
    }

    private void Settle()
    {
        Timers.Cancel(Register.Instance);
        if (!_isAttached)
        {
            AttachNow();
        }
    }

    private static bool IsReady(JsonObject? status) => (status?["conditions"] as JsonArray)?.OfType<JsonObject>()
        .Any(c => c["type"]?.GetValue<string>() == "Ready" && c["status"]?.GetValue<string>() == "True") == true;

    private string By => $"system:node:{_services.Node}";

    private void AttachNow()
    {
        _services.Gateway.Tell(new AttachAgent(_services.Node, _held.ToImmutableDictionary(), _services.Installation));
        Timers.StartSingleTimer(Attach.Instance, Attach.Instance, _isAttached ? AttachInterval : FirstAttachBound);
    }

    private void Desire(DesiredPods desired)
    {
        foreach (var pod in desired.Changed)
        {
            _held[pod.Uid] = Math.Max(_held.GetValueOrDefault(pod.Uid), pod.Revision);
            if (_pods.TryGetValue(pod.Uid, out var worker))
            {
                _pods[pod.Uid] = worker with { Pod = pod.Revision > worker.Pod.Revision ? pod : worker.Pod };
                worker.Actor.Tell(new PodWorkerActor.PodChanged(pod));
            }
            else
            {
                _pods[pod.Uid] = new Worker(Employ(pod), pod);
            }
        }

        foreach (var uid in desired.Gone)
        {
            if (_pods.TryGetValue(uid, out var worker))
            {
                _pods[uid] = worker with { IsGone = true };
                worker.Actor.Tell(new PodWorkerActor.PodGone());
            }
        }

        if (desired.IsComplete)
        {
            Timers.StartSingleTimer(Attach.Instance, Attach.Instance, AttachInterval);
            if (!_isAttached)
            {
                _isAttached = true;
                _refused = null;
                _services.Readiness.Ready(_services.Node);
                RemoveOrphans();
            }

            // A lost node that is back must say so.
            if (_node is not null)
            {
                _services.Region.Tell(new GetObject(_node.Key, By));
            }
        }
    }

    private IActorRef Employ(KubeObject pod) => Context.Watch(Context.ActorOf(PodWorkerActor.Props(pod, _services), pod.Uid));

    // A worker that is done has said so before; one that has not failed. Not at once: what made it fail may do so again.
    private void Ended(Terminated ended)
    {
        var uid = ended.ActorRef.Path.Name;
        if (_pods.TryGetValue(uid, out var worker) && worker.Actor.Equals(ended.ActorRef))
        {
            Timers.StartSingleTimer($"revive-{uid}", new Revive(uid), ReviveDelay);
        }
    }

    private void Begin(Revive revive)
    {
        if (_pods.TryGetValue(revive.Uid, out var worker))
        {
            var actor = Employ(worker.Pod);
            _pods[revive.Uid] = worker with { Actor = actor };
            if (worker.IsGone)
            {
                actor.Tell(new PodWorkerActor.PodGone());
            }
        }
    }

    private void RemoveOrphans()
    {
        if (!_isAttached || _observed is null)
        {
            return;
        }

        var orphans = _observed.Where(p => !_pods.ContainsKey(p.Uid)).ToList();
        foreach (var pod in orphans)
        {
            _log.Info("Node {0}: pod {1}/{2} ({3}) is no longer this node's; removing what is left of it", _services.Node, pod.Namespace, pod.Name, pod.Uid);
        }

        // Volumes too of pods whose containers went while nobody was there to see it. Looked up now: a pod that comes later is no stranger.
        var launcher = new PodLauncher(_services);
        _ = RemoveAsync(orphans, launcher, [.. launcher.WithVolumes().Where(uid => !_pods.ContainsKey(uid))]);
        _observed = null;
    }

    private async Task RemoveAsync(IReadOnlyList<RuntimePodStatus> orphans, PodLauncher launcher, IReadOnlyList<string> volumes)
    {
        try
        {
            await Task.WhenAll(orphans.Select(p => _services.Runtime.RemovePodAsync(p.Uid, OrphanGrace, _stopping.Token))).ConfigureAwait(false);
            await Task.Run(() => volumes.ToList().ForEach(launcher.Forget), _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RuntimeUnavailableException or OperationCanceledException)
        {
            // The next listing finds it again.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.Warning("Node {0}: volumes of pods that are gone could not be removed: {1}", _services.Node, e.Message);
        }
    }

    /// <summary>A pod's actor, and what it must know when it begins anew.</summary>
    /// <param name="Actor">Dead for a moment after it has failed.</param>
    /// <param name="Pod">The newest version that was desired.</param>
    /// <param name="IsGone">Whether the pod itself is gone.</param>
    private sealed record Worker(IActorRef Actor, KubeObject Pod, bool IsGone = false);

    private sealed record Revive(string Uid);

    private sealed record Attach { public static readonly Attach Instance = new(); }

    private sealed record AskRuntime { public static readonly AskRuntime Instance = new(); }

    private sealed record Register { public static readonly Register Instance = new(); }
}
