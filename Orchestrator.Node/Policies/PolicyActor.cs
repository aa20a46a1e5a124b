using System.Collections.Immutable;
using System.Net;
using Akka.Actor;
using Akka.Event;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.NetworkPolicies;
using Orchestrator.Actors.Logs;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Copies;
using Orchestrator.Node.Network;
using Orchestrator.Node.Packets;

namespace Orchestrator.Node.Policies;

/// <summary>Enforces NetworkPolicies on the pods of a node by packet rules. While no control host answers, the rules stay as they are; those of an agent before stay until this one knows its pods and policies.
/// On a node that cannot enforce them no pod begins that a policy selects.</summary>
internal sealed class PolicyActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Doubtful = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);
    private const string NotHere = "a network policy selects the pod, and its node enforces none: the network of its pods is not the agent's own (setting pod-network.mode)";
    private readonly IActorRef _gateway;
    private readonly IPodNetwork? _network;
    private readonly bool _isElsewhere;
    private readonly RuleWriter? _rules;
    private readonly CancellationTokenSource _stopping = new();
    private readonly PolicyCopy _copy = new();
    private readonly FeedFollowing _following;
    private readonly Dictionary<string, Selected> _pods = [];
    private readonly Dictionary<string, (PeerGroup Group, int Users)> _groups = [];
    private readonly Dictionary<string, IActorRef> _waiting = [];

    // Pods that the copy is new enough for, and those for which that is asked.
    private readonly HashSet<string> _confirmed = [];
    private ImmutableHashSet<string> _asked = [];
    private long _question;

    // What an earlier process has left and nobody knows: cut off until it is gone.
    private readonly Dictionary<string, ImmutableArray<string>> _orphans = [];

    // Addresses of pods that begin: connections of a former pod with the same address are none of theirs.
    private readonly Aftermath<string> _fresh;
    private bool _hasPods;
    private bool _isKnown;
    private IPAddress? _dns;

    /// <summary>Use <see cref="Props"/>.</summary>
    public PolicyActor(string node, IActorRef gateway, NetworkNames? names, IPodNetwork? network, PacketKernel kernel)
    {
        _gateway = gateway;
        _fresh = new Aftermath<string>(kernel, AddressFlows.ForgetAsync);
        (_network, _isElsewhere) = (network is { Policies: PolicyEnforcer.Node } ? network : null, network is { Policies: PolicyEnforcer.Network });
        _following = new FeedFollowing(gateway, this, () => _copy.Position, at => new FollowPolicies(at));
        var log = Context.GetLogger();
        _rules = names is null || _network is null ? null : new RuleWriter(PolicyRules.Table(names), Self, this, RulesOf, text => _fresh.RunAsync(text, _stopping.Token), table => kernel.HasAsync(table, _stopping.Token),
            e => log.Warn("Network policies are not in force as they should be", ("node", node), ("error", e.Message)),
            () => log.Inform("Network policies are in force as they should be again", ("node", node)));
        Receive<FeedFollowing.Due>(due => due.Of.Ask());
        Receive<PolicyNews>(OnNews);
        Receive<Pods>(OnPods);
        Receive<PodGone>(gone => Forget(gone.Uid));
        Receive<Guard>(OnGuard);
        Receive<Judge>(judge => Sender.Tell(Judged(judge)));
        Receive<Gateway>(OnGateway);
        Receive<Status.Failure>(_ => Timers.StartSingleTimer(FindAgain.Instance, FindAgain.Instance, Retry));
        Receive<FindAgain>(_ => FindGateway());
        Receive<Upkeep.Ended>(ended =>
        {
            ended.Of.Take(ended);
            Answer();
        });
        Receive<Upkeep.Due>(due => due.Of.TakeDue());
        Receive<PoliciesConfirmed>(OnConfirmed);
        Receive<Recheck>(_ =>
        {
            _rules?.Doubt();
            FindGateway();
            foreach (var orphan in _orphans.Keys.Where(uid => AddressesOf(uid).IsEmpty).ToList())
            {
                Adopt(orphan);
            }
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Creates the actor's props.</summary>
    /// <param name="node">Name of the node.</param>
    /// <param name="gateway">The gateway that gives the policies.</param>
    /// <param name="names">Names of the node's packet rules; null if it cannot make any.</param>
    /// <param name="network">The network of the node's pods; null if the engine makes it.</param>
    /// <param name="kernel">Takes the packet rules.</param>
    public static Props Props(string node, IActorRef gateway, NetworkNames? names, IPodNetwork? network, PacketKernel kernel) =>
        Akka.Actor.Props.Create(() => new PolicyActor(node, gateway, names, network, kernel));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _following.Ask();
        Look();
    }

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason)
    {
        _following.AskAnew();
        Look();
    }

    private void Look()
    {
        FindGateway();

        // One that begins anew after a fault would not be told of the pods that are there.
        Context.Parent.Tell(PodsWanted.Instance);
        Timers.StartPeriodicTimer(Recheck.Instance, Recheck.Instance, Doubtful);
    }

    /// <inheritdoc/>
    protected override void PostStop() => _stopping.Cancel();

    // It waits for the range itself.
    private void FindGateway() => _network?.GatewayAsync(_stopping.Token).PipeTo(Self, success: address => new Gateway(address!));

    private void OnNews(PolicyNews news)
    {
        if (_copy.Take(news) is not { } touched)
        {
            _following.AskFor();
            return;
        }

        foreach (var pod in _pods.Values.Where(p => touched.Namespaces.Contains(p.Pod.Namespace)).ToList())
        {
            Select(pod.Pod);
        }

        _rules?.Touch(touched.Groups.Where(_groups.ContainsKey).Select(GroupOwner));
        Begin();
        Answer();
    }

    private void OnPods(Pods pods)
    {
        foreach (var pod in pods.Changed.Where(p => !PodOutline.Of(p).IsHostNetwork))
        {
            Adopt(pod.Uid);
            if (!_pods.TryGetValue(pod.Uid, out var known) || (known.Pod.Revision < pod.Revision && !IsSame(known.Pod.Labels, pod.Labels)))
            {
                Select(pod);
            }
        }

        if (pods.IsComplete && !_hasPods)
        {
            _hasPods = true;
            foreach (var uid in (_network?.Pods ?? []).Where(uid => !_pods.ContainsKey(uid)))
            {
                _orphans[uid] = AddressesOf(uid);
                _rules?.Touch([PodOwner(uid)]);
            }
        }

        Begin();
    }

    private void Begin()
    {
        if (_hasPods && (_dns is not null || _rules is null) && _copy.Source.Length > 0)
        {
            _isKnown = true;
            _rules?.Begin();
            Answer();
        }
    }

    private void OnGuard(Guard guard)
    {
        // Addresses that somebody had before are the pod's now.
        if (_pods.TryGetValue(guard.Uid, out var selected) && AddressesOf(guard.Uid) is { IsEmpty: false } addresses && !selected.Addresses.SequenceEqual(addresses))
        {
            foreach (var former in _pods.Where(p => p.Key != guard.Uid && p.Value.Addresses.Any(addresses.Contains)).Select(p => p.Key).ToList())
            {
                Forget(former);
            }

            foreach (var orphan in _orphans.Where(o => o.Value.Any(addresses.Contains)).Select(o => o.Key).ToList())
            {
                Adopt(orphan);
            }

            Select(selected.Pod);

            // Without a policy nothing holds up the pod until they are forgotten; they would be cut when it has some of its own.
            if (!_pods[guard.Uid].Policies.IsEmpty)
            {
                _fresh.Add(addresses);
            }
        }

        _waiting[guard.Uid] = Sender;
        Confirm();
        Answer();
    }

    private void Answer()
    {
        foreach (var (uid, asker) in _waiting.Where(w => _confirmed.Contains(w.Key) && IsInForce(w.Key)).ToList())
        {
            asker.Tell(new Guarded(IsNowhere && _pods.TryGetValue(uid, out var pod) && !pod.Policies.IsEmpty ? NotHere : null));
            _waiting.Remove(uid);
        }
    }

    // A pod that is not there any more has nothing to wait for.
    private bool IsInForce(string uid) => _isKnown
        && (_rules is null || !_pods.TryGetValue(uid, out var pod) || (_rules.IsWritten(PodOwner(uid)) && pod.Groups.All(g => _rules.IsWritten(GroupOwner(g)))));

    private Judgement Judged(Judge judge)
    {
        if (_pods.Values.FirstOrDefault(p => p.Pod.Key == judge.Pod) is not { } pod)
        {
            return Judgement.Nothing with { IsInForce = _isKnown };
        }

        var seen = new PeerPod(pod.Pod.Namespace, pod.Pod.Labels, pod.Addresses, PeerPod.PortsOf(pod.Pod));
        var verdict = judge.Other is null ? null : PolicyVerdict.Of(pod.Policies, judge.IsIngress, seen, judge.Other, judge.Protocol, judge.Port, group => _copy.MembersOf(group.Id));
        return new Judgement(seen.Addresses.FirstOrDefault(""), IsInForce(pod.Pod.Uid), [.. pod.Policies.Select(p => p.Metadata.Name).Order(StringComparer.Ordinal)], verdict)
        {
            Rules = RulesOf(PodOwner(pod.Pod.Uid)),
        };
    }

    private void Select(KubeObject pod)
    {
        var before = _pods.GetValueOrDefault(pod.Uid);
        ImmutableArray<V1NetworkPolicy> policies = [.. _copy.PoliciesOf(pod.Namespace).Select(p => p.As<V1NetworkPolicy>()).Where(p => LabelSelectors.Matches(p.Spec.PodSelector ?? new V1LabelSelector(), new Dictionary<string, string>(pod.Labels)))];
        var groups = policies.SelectMany(PolicyPeers.GroupsOf).DistinctBy(g => g.Id).ToList();
        _pods[pod.Uid] = new Selected(pod, AddressesOf(pod.Uid), policies, [.. groups.Select(g => g.Id)]);
        groups.ForEach(g => Count(g, 1));
        Release(before);

        // Most pods have no policies, and wait for nobody's.
        if (!policies.IsEmpty || before is { Policies.IsEmpty: false })
        {
            _rules?.Touch([PodOwner(pod.Uid), .. groups.Select(g => GroupOwner(g.Id)), .. (before?.Groups ?? []).Select(GroupOwner)]);
        }

        if (IsNowhere && before is { Policies.IsEmpty: true } && !policies.IsEmpty)
        {
            Context.Parent.Tell(new PodNotice(pod.Uid, new RecordedEvent("Warning", "NetworkPolicyNotEnforced", NotHere, "kubelet")));
        }
    }

    private void Forget(string uid)
    {
        _confirmed.Remove(uid);
        _waiting.Remove(uid);
        if (_pods.Remove(uid, out var before) && !before.Policies.IsEmpty)
        {
            Release(before);
            _rules?.Touch([PodOwner(uid), .. before.Groups.Select(GroupOwner)]);
        }
    }

    // Whoever asks now has a pod that was told after policies that were made before it, so the answer is new enough; one question at a time for all who wait.
    private void Confirm()
    {
        var unasked = _waiting.Keys.Where(uid => !_confirmed.Contains(uid)).ToImmutableHashSet();
        if (_asked.IsEmpty && !unasked.IsEmpty)
        {
            _asked = unasked;
            _gateway.Tell(new FollowPolicies(_copy.Position, ++_question));
            Timers.StartSingleTimer(nameof(Confirm), new PoliciesConfirmed(-_question), Retry);
        }
    }

    // What was missed has come before it. In the middle of a whole copy it says nothing, nor does one that never came.
    private void OnConfirmed(PoliciesConfirmed confirmed)
    {
        if (Math.Abs(confirmed.Question) != _question)
        {
            return;
        }

        if (confirmed.Question > 0 && _copy.Position is { Part: 0, Source.Length: > 0 })
        {
            _confirmed.UnionWith(_asked);
        }

        Timers.Cancel(nameof(Confirm));
        _asked = [];
        Confirm();
        Answer();
    }

    private void OnGateway(Gateway found)
    {
        if (!found.Address.Equals(_dns))
        {
            _dns = found.Address;
            _rules?.Touch(_groups.Keys.Select(GroupOwner));
        }

        Begin();
    }

    private void Adopt(string uid)
    {
        if (_orphans.Remove(uid))
        {
            _rules?.Touch([PodOwner(uid)]);
        }
    }

    private static bool IsSame(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) => one.Count == other.Count && one.All(l => other.TryGetValue(l.Key, out var value) && value == l.Value);

    private void Release(Selected? pod)
    {
        foreach (var group in pod?.Groups ?? [])
        {
            Count(_groups[group].Group, -1);
        }
    }

    private void Count(PeerGroup group, int change)
    {
        var users = _groups.GetValueOrDefault(group.Id).Users + change;
        if (users == 0)
        {
            _groups.Remove(group.Id);
        }
        else
        {
            _groups[group.Id] = (group, users);
        }
    }

    private bool IsNowhere => _rules is null && !_isElsewhere;

    private ImmutableArray<string> AddressesOf(string uid) => [.. _network?.Find(uid)?.Addresses.All.Select(a => a.ToString()) ?? []];

    private static string PodOwner(string uid) => $"pod/{uid}";

    private static string GroupOwner(string id) => $"group/{id}";

    private OwnedRules RulesOf(string owner)
    {
        var id = owner[(owner.IndexOf('/', StringComparison.Ordinal) + 1)..];
        if (owner == GroupOwner(id))
        {
            return _groups.TryGetValue(id, out var used) ? PolicyRules.OfGroup(used.Group, _copy.MembersOf(id), _dns!) : OwnedRules.None;
        }

        if (_orphans.TryGetValue(id, out var left))
        {
            return !left.IsEmpty && _copy.HasPolicies ? PolicyRules.CutOff(id, left) : OwnedRules.None;
        }

        return _pods.TryGetValue(id, out var pod) && pod is { Addresses.IsEmpty: false, Policies.IsEmpty: false }
            ? PolicyRules.OfPod(id, new PeerPod(pod.Pod.Namespace, pod.Pod.Labels, pod.Addresses, PeerPod.PortsOf(pod.Pod)), pod.Policies) : OwnedRules.None;
    }

    /// <summary>Pods of the node are there, or have changed.</summary>
    /// <param name="Changed">The pods.</param>
    /// <param name="IsComplete">Whether these, and those told before, are all.</param>
    public sealed record Pods(ImmutableArray<KubeObject> Changed, bool IsComplete);

    /// <summary>Asks the agent for <see cref="Pods"/>.</summary>
    public sealed record PodsWanted
    {
        /// <summary>The question.</summary>
        public static readonly PodsWanted Instance = new();
    }

    /// <summary>A pod of the node has ended and is removed.</summary>
    /// <param name="Uid">Its uid.</param>
    public sealed record PodGone(string Uid);

    /// <summary>Asks for <see cref="Guarded"/> when the policies of a pod that has an address are in force.</summary>
    /// <param name="Uid">Its uid.</param>
    public sealed record Guard(string Uid);

    /// <summary>The policies of the pod are in force, or never will be.</summary>
    /// <param name="Obstacle">Why they will not be; null if they are.</param>
    public sealed record Guarded(string? Obstacle);

    /// <summary>Asks for a <see cref="Judgement"/> on a pod of the node.</summary>
    /// <param name="Pod">The pod.</param>
    /// <param name="IsIngress">Whether a connection to it is meant, or one from it.</param>
    /// <param name="Other">Address at the other end; null for no connection.</param>
    /// <param name="Protocol">TCP, UDP or SCTP.</param>
    /// <param name="Port">Port at the end to which the connection leads.</param>
    public sealed record Judge(ObjectKey Pod, bool IsIngress, string? Other, string Protocol, int Port);

    /// <summary>What holds for a pod.</summary>
    /// <param name="Address">Its address; null if there is no such pod here.</param>
    /// <param name="IsInForce">Whether the kernel has the newest of its policies.</param>
    /// <param name="Policies">Names of the policies that select it.</param>
    /// <param name="Verdict">On the connection; null for none.</param>
    public sealed record Judgement(string? Address, bool IsInForce, ImmutableArray<string> Policies, PolicyVerdict? Verdict)
    {
        /// <summary>Of a node that has no pods with an address.</summary>
        public static readonly Judgement Nothing = new(null, false, [], null);

        /// <summary>Its packet rules.</summary>
        public OwnedRules Rules { get; init; } = OwnedRules.None;
    }

    private sealed record FindAgain { public static readonly FindAgain Instance = new(); }

    private sealed record Recheck { public static readonly Recheck Instance = new(); }

    private sealed record Gateway(IPAddress Address);

    // A pod with the policies that select it, and the groups that they name.
    private sealed record Selected(KubeObject Pod, ImmutableArray<string> Addresses, ImmutableArray<V1NetworkPolicy> Policies, ImmutableArray<string> Groups);
}
