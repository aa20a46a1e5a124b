using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Logs;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Agent.Csi;
using Orchestrator.Node.Agent.Scraping;
using Orchestrator.Node.Agent.Images;
using Orchestrator.Node.Agent.NodeSetup;
using Orchestrator.Node.Agent.Pods;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Node.Agent.Pages;
using Orchestrator.Node.Agent.Shutdown;
using Orchestrator.Node.Agent.StaticPods;
using Orchestrator.Node.Agent.StorageLimits;
using Orchestrator.Node.Agent.Streams;
using Orchestrator.Node.Ingress;
using Orchestrator.Node.Network;
using Orchestrator.Node.Packets;
using Orchestrator.Node.Policies;
using Orchestrator.Node.Proxy;

namespace Orchestrator.Node.Agent;

/// <summary>The agent of a node, like the kubelet: registers the node, runs a worker for each pod bound to it, and removes orphaned pods from the host.</summary>
internal sealed class NodeAgentActor : ReceiveActor, IWithTimers
{
    private const string ShutdownName = "shutdown";
    private const string PagesName = "pages";
    private const string ImagesName = "images";
    private const string EvictionName = "eviction";
    private const string StaticPodsName = "static-pods";
    private const string PoliciesName = "policies";
    private const string ServicesName = "services";
    private const string IngressName = "ingress";
    private static readonly TimeSpan AttachInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstAttachBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RuntimeRetry = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan OrphanGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RefusedDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(5);
    private readonly AgentServices _services;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // Names of those that look after the whole node.
    private readonly HashSet<string> _parts = [];
    private readonly Dictionary<string, Worker> _pods = [];
    private readonly Dictionary<string, long> _held = [];
    private readonly FinishedPods _finished = new();
    private readonly ResizeDesk _resizes = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly RuntimeWatch _watch;
    private readonly CommandOutbox<string> _commands;
    private readonly SlowPass _pass = new();
    private readonly VolumeReclaimer _reclaimer;
    private readonly CsiSidecars? _sidecars;
    private readonly long _began;
    private IActorRef? _gateway;
    private NodeState _state = NodeState.Initial;
    private string? _disconnected;
    private KubeObject? _node;
    private JsonObject? _reported;
    private bool _isRegistering;
    private bool _isAttached;
    private string? _refused;
    private IReadOnlyList<RuntimePodStatus>? _observed;

    public NodeAgentActor(AgentServices services)
    {
        _services = services;
        _disconnected = services.Network?.Fault;
        _began = services.Time.GetTimestamp();
        _watch = new RuntimeWatch(services, Self);
        _reclaimer = new VolumeReclaimer(services, _log, _stopping.Token);
        if (services.Csi is { } csi)
        {
            _sidecars = new CsiSidecars(services, csi, _log, _stopping.Token);
            csi.Mounts.Released = new CsiAttachMarks(services).UnmarkAsync;
        }

        _commands = new CommandOutbox<string>(services.Entities, new OutboxOwner(Self, this, services.Time, _log), ObjectCommand.ReplyBound, RetryPolicy.Default);
        Receive<DesiredPods>(OnDesiredPods);
        Receive<PodWorkerActor.PodFinished>(finished =>
        {
            _pods.Remove(finished.Uid);
            _held.Remove(finished.Uid);
            _finished.Add(finished.Uid);
            RoomLeft(finished.Uid);
            Context.Child(PoliciesName).Tell(new PolicyActor.PodGone(finished.Uid));
            Context.Child(ShutdownName).Tell(new ShutdownActor.PodEnded(finished.Uid));
            Context.Child(StaticPodsName).Tell(StaticPodsActor.Look.Instance);
        });
        Receive<PodWorkerActor.RuntimeLost>(OnRuntimeLost);
        Receive<Terminated>(OnWorkerTerminated);
        Receive<RestartWorker>(OnRestartWorker);
        Receive<Attach>(_ => AttachNow());
        Receive<ReconnectRuntime>(_ => _watch.Restart());
        Receive<RuntimeWatch.Connected>(OnConnected, answer => _watch.IsCurrent(answer.Number));
        Receive<RuntimeWatch.Listed>(Listed, listed => _watch.IsCurrent(listed.Number));
        Receive<RuntimeWatch.Unavailable>(silent => Down(silent.Why), silent => _watch.IsCurrent(silent.Number));
        Receive<RuntimeWatch.Pace>(OnPace, pace => _watch.IsCurrent(pace.Number));
        Receive<RuntimeWatch.PodChanged>(
            changed => _pods.GetValueOrDefault(changed.PodUid)?.Actor.Tell(new PodWorkerActor.RuntimeChanged()), changed => _watch.IsCurrent(changed.Number));
        Receive<CommandReply>(reply =>
        {
            if (_commands.Take(reply) is not null)
            {
                Registered(reply);
            }
        });
        Receive<CommandsDue>(_ =>
        {
            if (_commands.TakeDue().Again.Count > 0)
            {
                RegisterNow();
            }
        });
        Receive<ImageCollectorActor.Listed>(listed =>
        {
            _state = _state with { Images = listed.Images };
            RegisterNow();
        }, _ => _state.DownReason is null && _node is not null);
        Receive<ImageCollectorActor.Listed>(_ => { });
        Receive<CsiPluginsActor.DriversChanged>(_ => OnDriversChanged());
        Receive<NetworkAnswer>(OnNetwork);
        Receive<PodWorkerActor.RoomWanted>(OnRoomWanted);
        Receive<PodWorkerActor.RoomUnwanted>(unwanted => RoomLeft(unwanted.Uid));
        Receive<AttachRefused>(refused => Refused(refused.Why));
        Receive<Register>(_ => RegisterNow());
        Receive<PassOn>(_ => OnPass());
        Receive<RuntimeWatch.ListedAgain>(listed => ListedAgain(listed.Pods), listed => _watch.IsCurrent(listed.Number));
        Receive<UsageReporterActor.GetPods>(_ => Sender.Tell(new UsageReporterActor.Pods([.. _pods.Values.Where(p => !p.IsGone).Select(p => p.Pod)])), _ => _isAttached && _state.DownReason is null);
        Receive<UsageReporterActor.GetPods>(_ => { });
        Receive<EvictionActor.PressuresChanged>(OnPressuresChanged);
        Receive<EvictionActor.GetPods>(_ => Sender.Tell(new EvictionActor.Pods([.. Lasting])), _ => _isAttached && _state.DownReason is null);
        Receive<EvictionActor.GetPods>(_ => { });
        Receive<EvictionActor.Evict>(evict => _pods.GetValueOrDefault(evict.PodUid)?.Actor.Tell(new PodWorkerActor.Fail(evict.Why, evict.Event)));
        Receive<EvictionActor.ReclaimDisk>(_ => ReclaimDisk());
        Receive<ShutdownActor.Changed>(changed =>
        {
            _state = _state with { IsShuttingDown = changed.IsShuttingDown };
            if (_node is not null)
            {
                RegisterNow();
            }
        });
        Receive<IngressActor.Changed>(OnIngress);
        Receive<ShutdownActor.GetPods>(_ => Sender.Tell(new ShutdownActor.Pods([.. Lasting])));
        Receive<ShutdownActor.End>(end => _pods.GetValueOrDefault(end.PodUid)?.Actor.Tell(new PodWorkerActor.Fail(end.Why, new RecordedEvent("Warning", end.Why.Reason, end.Why.Message, "kubelet"))));
        Receive<PodWorkerActor.ContentReleased>(released => Context.Child(EvictionName).Forward(released));
        Receive<PodNotice>(happened => _pods.GetValueOrDefault(happened.PodUid)?.Actor.Tell(new PodWorkerActor.Happened(happened.Event)));
        Receive<ServiceProxyActor.Show>(show => Context.Child(ServicesName).Forward(show), _ => !Context.Child(ServicesName).IsNobody());
        Receive<ServiceProxyActor.Show>(_ => Sender.Tell(ServiceProxyActor.Shown.Nothing));
        Receive<ServiceProxyActor.BegunAnew>(begun => Context.Child(IngressName).Tell(begun));
        Receive<PolicyActor.PodsWanted>(_ => Sender.Tell(new PolicyActor.Pods([.. _pods.Values.Select(p => p.Pod)], _isAttached)));
        Receive<PolicyActor.Judge>(judge => Context.Child(PoliciesName).Forward(judge), _ => !Context.Child(PoliciesName).IsNobody());
        Receive<PolicyActor.Judge>(_ => Sender.Tell(PolicyActor.Judgement.Nothing));
        Receive<GetNodePage>(page => Context.Child(PagesName).Forward(new NodePagesActor.Asked(page, [.. _pods.Values.Where(p => !p.IsGone).Select(p => p.Pod)])));
        Receive<OpenLog>(open =>
        {
            var session = Context.ActorOf(LogSessionActor.Props(_services.Runtime, open));
            Sender.Tell(new LogOpened(session));
        });
        Receive<FindKeptLogs>(find => Sender.Tell(new FoundKeptLogs(_services.KeptLogs?.Find(find.Namespace, find.Pod) ?? [])));
        Receive<OpenKeptLog>(open => Sender.Tell(new LogOpened(Context.ActorOf(LogSessionActor.Props(_services.KeptLogs, open)))));
        Receive<IOpenStream>(open => Context.ActorOf(StreamSessionActor.Props(_services.Streams!)).Forward(open), _ => _services.Streams is not null);
        Receive<IOpenStream>(_ => Sender.Tell(new StreamRefused($"node {_services.Node} is simulated: nothing runs there that could be reached")));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(AgentServices services) => Akka.Actor.Props.Create(() => new NodeAgentActor(services));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new AgentSupervision(_log, _services.Key, _parts);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _watch.Restart();
        if (_services.Runtime.KeepsContainers)
        {
            Timers.StartPeriodicTimer(PassOn.Instance, PassOn.Instance, SlowPass.Step);
        }

        Begin(NodePagesActor.Props(_services), PagesName);
        if (_services.Images is { } images)
        {
            Begin(ImageCollectorActor.Props(_services, images), ImagesName);
        }

        if (_services.Shutdown is { Settings.IsOn: true } shutdown)
        {
            Begin(ShutdownActor.Props(_services, shutdown), ShutdownName);
        }

        if (_services.Usage is { } usage)
        {
            Begin(UsageReporterActor.Props(_services, usage), "usage");
        }

        if (_services.StaticPods is { } folder)
        {
            Begin(StaticPodsActor.Props(_services, folder), StaticPodsName);
        }

        if (_services.Proxying is { } proxying)
        {
            var services = Begin(ServiceProxyActor.Props(_services.Node, _services.Gateway, proxying, PacketKernel.OfHost), ServicesName);
            if (_services.Ingress is { } ports)
            {
                Begin(IngressActor.Props(_services.Node, _services.Gateway, services, ports, _services.Time), IngressName);
            }
        }

        if (_services.Proxying is { Names: var names })
        {
            _services.Policies.Open(Begin(PolicyActor.Props(_services.Node, _services.Gateway, names, _services.Network, PacketKernel.OfHost), PoliciesName));
        }

        if (_services.Csi is { } csi)
        {
            Begin(CsiPluginsActor.Props(_services, csi), "csi");
        }

        if (_services.Scraping is { } scraping)
        {
            Begin(ScraperActor.Props(_services, scraping), "scraper");
        }
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopping.Cancel();
        _watch.Stop();
        _services.Proxying?.Dns?.Stop();
    }

    /// <inheritdoc/>
    protected override void Unhandled(object message)
    {
        // Ignores messages of an earlier runtime watch.
        if (message is not (RuntimeWatch.Connected or RuntimeWatch.Listed or RuntimeWatch.ListedAgain or RuntimeWatch.Unavailable or RuntimeWatch.PodChanged or RuntimeWatch.Pace))
        {
            base.Unhandled(message);
        }
    }

    private void OnConnected(RuntimeWatch.Connected answer)
    {
        _state = _state with { Facts = answer.Facts, Images = answer.Images, DownReason = null };
        _services.Learn(answer.Facts);
        Context.Child(StaticPodsName).Tell(StaticPodsActor.Look.Instance);
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

    // Events make it fast, the pass makes it true: each pod is compared with what runs once per pass, although nothing was told about it.
    private void OnPass()
    {
        _services.KeptLogs?.Prune();
        if (_state.DownReason is not null)
        {
            return;
        }

        var taken = _pass.Take(_services.Time.GetElapsedTime(_began), () =>
        {
            _watch.ListAgain();
            return _pods.Values.Select(p => p.Pod);
        }).ToHashSet();
        foreach (var pod in _pods.Values.Where(p => taken.Contains(p.Pod.Key)))
        {
            pod.Actor.Tell(new PodWorkerActor.RuntimeChanged());
            pod.Actor.Tell(new PodWorkerActor.SourcesChanged());
            pod.Actor.Tell(PodWorkerActor.RoomChanged.Instance);
        }
    }

    private void ListedAgain(IReadOnlyList<RuntimePodStatus> pods)
    {
        _observed = pods;
        RemoveOrphans();
    }

    private void OnIngress(IngressActor.Changed changed)
    {
        if (changed.Reason == IngressNodes.NotListening)
        {
            _log.Warn("Ingresses are not served", ("object", _services.Key), ("error", changed.Message));
            _services.Record(new RecordedEvent("Warning", changed.Reason, changed.Message, "kubelet"));
        }

        _state = _state with { Ingress = changed };
        if (_node is not null)
        {
            RegisterNow();
        }
    }

    private void OnPressuresChanged(EvictionActor.PressuresChanged changed)
    {
        var words = Enum.GetValues<NodePressure>().Where(p => changed.Pressures.Contains(p) != _state.Pressures.Contains(p)).Select(p => p.Explain(changed.Pressures.Contains(p)).Event);
        _services.Record([.. words.Select(w => new RecordedEvent("Normal", w, $"Node {_services.Node} status is now: {w}", "kubelet"))]);
        _state = _state with { Pressures = changed.Pressures };
        if (_node is not null)
        {
            RegisterNow();
        }
    }

    // What nobody needs goes before pods do. The images answer whoever asked.
    private void ReclaimDisk()
    {
        foreach (var pod in _pods.Values)
        {
            pod.Actor.Tell(PodWorkerActor.ReleaseContent.Instance);
        }

        if (_services.Images is null)
        {
            Sender.Tell(new ImageCollectorActor.Freed(0));
        }
        else
        {
            Context.Child(ImagesName).Forward(ImageCollectorActor.FreeUnused.Instance);
        }
    }

    // What waits for a driver goes on: pods that begin, and what is left of pods that are gone.
    private void OnDriversChanged()
    {
        foreach (var pod in _pods.Values)
        {
            pod.Actor.Tell(new PodWorkerActor.SourcesChanged());
        }

        if (_state.DownReason is null)
        {
            _watch.ListAgain();
        }
    }

    // A step of a pod got no answer from the runtime. The watch checks it, after a delay because the step may fail repeatedly.
    private void OnRuntimeLost(PodWorkerActor.RuntimeLost lost)
    {
        if (!Timers.IsTimerActive(ReconnectRuntime.Instance))
        {
            _log.Warn("The container runtime did not answer a pod", ("object", _services.Key), ("runtime", _services.Runtime.Address), ("error", lost.Why));
            Timers.StartSingleTimer(ReconnectRuntime.Instance, ReconnectRuntime.Instance, RuntimeRetry);
        }
    }

    // Pods start late and probes fail then, and nobody would know why.
    private void OnPace(RuntimeWatch.Pace pace)
    {
        var address = _services.Runtime.Address;
        if (pace.Slow is { } slow)
        {
            _log.Warn("The container runtime answers late", ("object", _services.Key), ("runtime", address), ("seconds", Math.Round(slow.TotalSeconds, 1)));
        }

        _services.Record(pace.Slow is { } late
            ? new RecordedEvent("Warning", "ContainerRuntimeSlow", string.Create(CultureInfo.InvariantCulture, $"The container runtime at {address} took {late.TotalSeconds:0.0} s to answer"), "kubelet")
            : new RecordedEvent("Normal", "ContainerRuntimeInTime", $"The container runtime at {address} answers in time again", "kubelet"));
    }

    private void Down(string why)
    {
        Timers.StartSingleTimer(ReconnectRuntime.Instance, ReconnectRuntime.Instance, RuntimeRetry);
        _watch.Stop();
        var reason = $"{_services.Runtime.Address}: {why}";
        if (_state.DownReason == reason)
        {
            return;
        }

        _state = _state with { DownReason = reason };
        _observed = null;
        foreach (var pod in _pods.Values)
        {
            pod.Actor.Tell(new PodWorkerActor.RuntimeDown());
        }

        _log.Warn("The container runtime does not answer", ("object", _services.Key), ("runtime", _services.Runtime.Address), ("error", why));
        RegisterNow();
    }

    private void RegisterNow()
    {
        _isRegistering = true;
        if (_node is null)
        {
            Send(new GetObject(Key, By));
            return;
        }

        var old = _node.ToNode();
        var status = NodeStatusBuilder.Status(_services, _state, old["status"]?["conditions"] as JsonArray, _services.Time.GetUtcNow());
        var patch = JsonMerge.Diff(new JsonObject { ["status"] = old["status"]?.DeepClone() }, new JsonObject { ["status"] = status.DeepClone() });
        _reported = status;
        if (NodeStatusBuilder.Metadata(_services, old) is { } metadata)
        {
            (patch ??= [])["metadata"] = metadata;
        }

        if (patch is null)
        {
            // The journaled status is up to date.
            OnRegistered();
            return;
        }

        var wasReady = IsReady(old["status"] as JsonObject);
        RecordedEvent[] recordedEvents = wasReady == (_state.NotReady is null) ? []
            : [_state.NotReady is not { } notReady ? new RecordedEvent("Normal", "NodeReady", $"Node {_services.Node} status is now: NodeReady", "kubelet")
                : new RecordedEvent("Warning", "NodeNotReady", $"Node {_services.Node} status is now: NodeNotReady: {notReady.Message}", "kubelet")];
        Send(new MergeObject(_node.Key, _node.Uid, patch, "reported", By, _node.Revision, RecordedEvents: [.. recordedEvents]));
    }

    private void Registered(CommandReply reply)
    {
        if (reply.Error is { Reason: ApiReason.NotFound })
        {
            _node = null;
            Send(new CreateObject(Key, NodeStatusBuilder.Object(_services), By));
            return;
        }

        if (reply.Object is { } found && NodeIdentity.Refusal(found, _services.Installation) is { } why)
        {
            Refused(why);
        }
        else if (reply.Object is { } node)
        {
            // This version has been compared already.
            if (_isAttached && node.Revision == _node?.Revision && !_isRegistering)
            {
                return;
            }

            _node = node;
            var isSettled = _reported is not null && JsonNode.DeepEquals(node.ToNode()["status"], _reported);
            if (isSettled)
            {
                OnRegistered();
            }
            else
            {
                RegisterNow();
            }
        }
        else if (reply.Error is { Reason: ApiReason.Conflict or ApiReason.AlreadyExists })
        {
            // The Node object was re-created: it is read when the command is due again.
            _node = null;
        }
    }

    // Keeps trying: if the other host is lost, this one can take over the node.
    private void Refused(string why)
    {
        _node = null;
        Timers.StartSingleTimer(Register.Instance, Register.Instance, RefusedDelay);
        _services.Readiness.Waits(_services.Node, why);
        if (_refused != why)
        {
            _refused = why;
            _log.Fail(null, "This host runs no pods", ("object", _services.Key), ("error", why));
        }
    }

    private IActorRef Begin(Akka.Actor.Props props, string name)
    {
        _parts.Add(name);
        return Context.ActorOf(props, name);
    }

    private void OnRegistered()
    {
        _isRegistering = false;

        // What they find is told of the node, so there has to be one.
        if (_services.Eviction is { } eviction && Context.Child(EvictionName).IsNobody())
        {
            Begin(EvictionActor.Props(_services, eviction), EvictionName);
            Begin(StorageLimitsActor.Props(_services, eviction.Meter), "storage-limits");
        }

        if (!_isAttached)
        {
            AttachNow();
        }
    }

    private static bool IsReady(JsonObject? status) => (status?["conditions"] as JsonArray)?.OfType<JsonObject>()
        .Any(c => c["type"]?.GetValue<string>() == "Ready" && c["status"]?.GetValue<string>() == "True") == true;

    // The pods that take room of the node.
    private IEnumerable<KubeObject> Lasting => _pods.Values.Where(p => !p.IsGone && !HasEnded(p.Pod)).Select(p => p.Pod);

    private static bool HasEnded(KubeObject pod) => pod.Phase is "Succeeded" or "Failed";

    private string By => $"system:node:{_services.Node}";

    private ObjectKey Key => NodeDefinition.Instance.Key(null, _services.Node);

    private void Send(ObjectCommand command) => _commands.Send(_services.Node, command);

    private void AttachNow()
    {
        _services.Gateway.Tell(new AttachAgent(_services.Node, _held.ToImmutableDictionary(), _services.Installation));
        Timers.StartSingleTimer(Attach.Instance, Attach.Instance, _isAttached ? AttachInterval : FirstAttachBound);
    }

    private async Task ConnectAsync(IPodNetwork network, string range)
    {
        await network.UseAsync(range, _stopping.Token).ConfigureAwait(false);
        _services.Proxying?.Dns?.Serve(await network.GatewayAsync(_stopping.Token).ConfigureAwait(false));
    }

    // The range is said again with each complete answer, so what failed is tried again.
    private void OnNetwork(NetworkAnswer answer)
    {
        if (_disconnected == answer.Fault)
        {
            return;
        }

        _disconnected = answer.Fault;
        if (answer.Fault is { } fault)
        {
            _log.Warn("The network of pods is not ready", ("object", _services.Key), ("error", fault));
        }

        RegisterNow();
    }

    private void OnDesiredPods(DesiredPods desired)
    {
        if (desired.PodCidr is { } range && _services.Network is { } network)
        {
            ConnectAsync(network, desired.SecondPodCidr is { } second ? $"{range},{second}" : range).PipeTo(Self, success: () => new NetworkAnswer(null), failure: e => new NetworkAnswer(e.Message));
        }

        // Before their workers, which ask whether they may begin.
        Context.Child(PoliciesName).Tell(new PolicyActor.Pods([.. desired.Changed.Where(p => !_finished.Contains(p.Uid))], desired.IsComplete));
        foreach (var pod in desired.Changed.Where(p => !_finished.Contains(p.Uid)))
        {
            _held[pod.Uid] = Math.Max(_held.GetValueOrDefault(pod.Uid), pod.Revision);
            if (_pods.TryGetValue(pod.Uid, out var worker))
            {
                var newest = pod.Revision > worker.Pod.Revision ? pod : worker.Pod;
                _pods[pod.Uid] = worker with { Pod = newest };
                worker.Actor.Tell(new PodWorkerActor.PodChanged(pod));
                if (HasEnded(newest) && !HasEnded(worker.Pod))
                {
                    RoomLeft(pod.Uid);
                }

                if (_state.IsShuttingDown && pod.Phase is "Succeeded" or "Failed")
                {
                    Context.Child(ShutdownName).Tell(new ShutdownActor.PodEnded(pod.Uid));
                }
            }
            else
            {
                _pods[pod.Uid] = new Worker(StartWorker(pod), pod);
                RefuseNew(pod);
            }
        }

        foreach (var uid in desired.Gone)
        {
            if (_pods.TryGetValue(uid, out var worker))
            {
                _pods[uid] = worker with { IsGone = true };
                worker.Actor.Tell(new PodWorkerActor.PodGone());
                RoomLeft(uid);
            }
        }

        foreach (var uid in desired.Reread.IsDefault ? [] : desired.Reread)
        {
            _pods.GetValueOrDefault(uid)?.Actor.Tell(new PodWorkerActor.SourcesChanged());
        }

        foreach (var volume in desired.Doomed.IsDefault ? [] : desired.Doomed)
        {
            _reclaimer.Reclaim(volume, new PodLauncher(_services).Shows);
        }

        foreach (var item in desired.Work.IsDefault ? [] : desired.Work)
        {
            _sidecars?.Take(item);
        }

        if (desired.IsComplete)
        {
            TakeGateway(Sender);
            Timers.StartSingleTimer(Attach.Instance, Attach.Instance, AttachInterval);
            if (!_isAttached)
            {
                _isAttached = true;
                _refused = null;
                _services.Readiness.Ready(_services.Node);
                RemoveOrphans();

                // They are not told before.
                Context.Child(StaticPodsName).Tell(StaticPodsActor.Look.Instance);
            }

            // A node that was marked as lost has to report its status again.
            if (_node is not null)
            {
                Send(new GetObject(Key, By));
            }
        }
    }

    // One that is given something else may leave room for others.
    private void OnRoomWanted(PodWorkerActor.RoomWanted wanted)
    {
        var verdict = _resizes.Answer(wanted.Uid, wanted.Ask, Lasting.Select(p => (p.Uid, NodeRoom.Of(PodSpecs.Of(p)))), Allocatable.Room(_state.Facts, _services.Reserved, _services.Eviction?.Settings));
        Sender.Tell(verdict);
        if (verdict.Answer == ResizeAnswer.Granted)
        {
            RoomLeft(wanted.Uid);
        }
    }

    private void RoomLeft(string podUid)
    {
        foreach (var waiting in _resizes.Left(podUid))
        {
            _pods.GetValueOrDefault(waiting)?.Actor.Tell(PodWorkerActor.RoomChanged.Instance);
        }
    }

    // A pod that came here before the scheduler knew. One that was here before has a start time.
    private void RefuseNew(KubeObject pod)
    {
        if ((_state.Pressures.IsEmpty && !_state.IsShuttingDown) || pod.IsDeleting || pod.Phase is not (null or "Pending") || pod.ToNode()["status"]?["startTime"] is not null)
        {
            return;
        }

        if ((_state.IsShuttingDown ? ShutdownPlan.Refusal : EvictionNotice.Refusal(PodManifest.Of(pod), _state.Pressures, _services.StaticPods is not null)) is { } why)
        {
            _pods[pod.Uid].Actor.Tell(new PodWorkerActor.Fail(why, new RecordedEvent("Warning", why.Reason, why.Message, "kubelet")));
        }
    }

    // What the one before did not tell any more.
    private void TakeGateway(IActorRef gateway)
    {
        if (_gateway is not null && !_gateway.Equals(gateway))
        {
            foreach (var pod in _pods.Values)
            {
                pod.Actor.Tell(new PodWorkerActor.SourcesChanged());
            }
        }

        _gateway = gateway;
    }

    private IActorRef StartWorker(KubeObject pod) => Context.Watch(Context.ActorOf(PodWorkerActor.Props(pod, _services), pod.Uid));

    // A worker that finished has sent PodFinished before; otherwise it failed and is restarted after a delay.
    private void OnWorkerTerminated(Terminated ended)
    {
        var uid = ended.ActorRef.Path.Name;
        if (_pods.TryGetValue(uid, out var worker) && worker.Actor.Equals(ended.ActorRef))
        {
            Timers.StartSingleTimer($"restart-{uid}", new RestartWorker(uid), RestartDelay);
        }
    }

    private void OnRestartWorker(RestartWorker restart)
    {
        if (_pods.TryGetValue(restart.Uid, out var worker))
        {
            RoomLeft(restart.Uid); // It has forgotten what it asked for.
            var actor = StartWorker(worker.Pod);
            _pods[restart.Uid] = worker with { Actor = actor };
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
            _log.Inform("The pod is not bound to this node; removing its containers", ("object", PodDefinition.Instance.Key(pod.Namespace, pod.Name)), ("uid", pod.Uid), ("node", _services.Node));
        }

        // Also removes volumes of pods without containers. They are listed now, so that pods added later are not affected.
        var launcher = new PodLauncher(_services);
        _ = RemoveAsync(orphans, launcher, [.. launcher.WithVolumes().Where(uid => !_pods.ContainsKey(uid))]);
        _observed = null;
    }

    private async Task RemoveAsync(IReadOnlyList<RuntimePodStatus> orphans, PodLauncher launcher, IReadOnlyList<string> volumes)
    {
        try
        {
            await Task.WhenAll(orphans.Select(p => _services.Runtime.RemovePodAsync(p.Uid, OrphanGrace, _stopping.Token))).ConfigureAwait(false);
            await Task.WhenAll(volumes.Select(uid => ForgetAsync(uid, launcher))).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RuntimeUnavailableException or OperationCanceledException)
        {
            // Retried after the next listing.
        }
    }

    private async Task ForgetAsync(string uid, PodLauncher launcher)
    {
        try
        {
            await launcher.ForgetAsync(uid, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or VolumeException)
        {
            // Again after the next listing, which follows when the driver of a volume has registered.
            _log.Warn(e, "Volumes of a deleted pod could not be removed", ("object", _services.Key), ("uid", uid));
        }
    }

    /// <summary>The worker of a pod, with the state needed to restart it.</summary>
    /// <param name="Actor">The actor; stopped until the restart if it has failed.</param>
    /// <param name="Pod">The newest desired version.</param>
    /// <param name="IsGone">Whether the pod object is deleted.</param>
    private sealed record Worker(IActorRef Actor, KubeObject Pod, bool IsGone = false);

    private sealed record NetworkAnswer(string? Fault);

    private sealed record RestartWorker(string Uid);

    private sealed record Attach { public static readonly Attach Instance = new(); }

    private sealed record PassOn { public static readonly PassOn Instance = new(); }

    private sealed record ReconnectRuntime { public static readonly ReconnectRuntime Instance = new(); }

    private sealed record Register { public static readonly Register Instance = new(); }
}
