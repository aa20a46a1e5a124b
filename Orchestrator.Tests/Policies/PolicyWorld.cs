using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.NetworkPolicies;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Network;
using Orchestrator.Node.Packets;
using Orchestrator.Node.Policies;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Policies;

/// <summary>Five pods of three namespaces with servers, as <c>policies.yaml</c> describes them, and the policies of a cache in force among them, by the feed and the agent's actor.</summary>
public sealed class PolicyWorld : IAsyncLifetime
{
    /// <summary>Names of the pods.</summary>
    internal static readonly string[] Names = ["x/a", "x/b", "y/a", "y/b", "z/a"];
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    // What is let through answers within a millisecond; what is not, never.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private readonly Dictionary<string, PodNetwork> _networks = [];
    private readonly ActorSystem _system = ActorSystem.Create("policies");
    private FedCache _fed = null!;
    private IActorRef _feed = null!;
    private IActorRef _policies = null!;
    private Inbox _news = null!;
    private string _dns = "";

    internal PacketPods Pods { get; private set; } = null!;

    internal FedCache Fed => _fed;

    public async Task InitializeAsync()
    {
        Pods = await PacketPods.StartAsync("10.61.0.0/21,fd00:61::/56", "10.61.7.0/25,fd00:61:0:7::/64", TimeSpan.FromMinutes(5));
        _fed = await FedCache.StartAsync();
        foreach (var (ns, labels) in new[] { ("x", """{"ns":"x","env":"prod"}"""), ("y", """{"ns":"y","env":"prod"}"""), ("z", """{"ns":"z"}"""), ("kube-system", """{"kubernetes.io/metadata.name":"kube-system"}""") })
        {
            await _fed.CreateAsync($$"""{ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "{{ns}}", "uid": "{{ns}}", "labels": {{labels}} } }""");
        }

        _dns = (await Pods.Network.GatewayAsync(Pods.Ends))!.ToString();
        foreach (var name in Names)
        {
            await AddAsync(name);
        }

        // The host has the address once there is a pod.
        await Pods.ServeAsync(null, "dns", 53, IPAddress.Parse(_dns));
        await Pods.ServeDatagramsAsync(null, "dns", 53, IPAddress.Parse(_dns));
        _feed = _system.ActorOf(PolicyFeedActor.Props(_fed.Cache, "s"));
        _policies = Agent();
        await Task.WhenAll(Names.Select(InForceAsync));

        // After the agent, which has all news before.
        _news = Inbox.Create(_system);
        _feed.Tell(new FollowPolicies(FeedPosition.None), _news.Receiver);
        for (var (part, parts) = (1, 2); part <= parts; part++)
        {
            var news = (PolicyNews)await _news.ReceiveAsync(Bound);
            parts = news.Parts;
            if (part < parts)
            {
                _feed.Tell(new FollowPolicies(new FeedPosition(news.Source, news.Version, part + 1)), _news.Receiver);
            }
        }
    }

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        await _fed.DisposeAsync();
        await Pods.DisposeAsync();
    }

    /// <summary>Another agent of the node, which has to make the same of it.</summary>
    internal async Task RestartAsync()
    {
        await _policies.GracefulStop(Bound);
        _policies = Agent();
        await Task.WhenAll(Names.Select(InForceAsync));
    }

    /// <summary>A pod that begins as an agent begins it: its address comes after the object.</summary>
    internal async Task<PodNetwork> BeginAsync(string name)
    {
        _policies.Tell(new PolicyActor.Pods([KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
            { "metadata": { "name": "{{name[2..]}}", "namespace": "{{name[..1]}}", "uid": "{{Uid(name)}}", "resourceVersion": "1", "labels": { "pod": "{{name[2..]}}" } }, "spec": { "nodeName": "n", "containers": [{ "name": "c" }] } }
            """)!)], true));
        var network = await Pods.AddAsync(Uid(name));
        await InForceAsync(name);
        await Pods.ServeAsync(network, name, 80);
        return network;
    }

    /// <summary>Ends a pod that was begun.</summary>
    internal async Task EndAsync(string name)
    {
        _policies.Tell(new PolicyActor.PodGone(Uid(name)));
        await Pods.Network.RemoveAsync(Uid(name), Pods.Ends);
    }

    /// <summary>Applies a change of the cache, and waits until it is in force.</summary>
    internal async Task ChangeAsync(Func<Task> change)
    {
        await change();
        _ = (PolicyNews)await _news.ReceiveAsync(Bound);
        await Task.WhenAll(Names.Select(InForceAsync));
    }

    internal string AddressOf(string pod) => AddressOf(pod, AddressFamily.InterNetwork);

    internal string AddressOf(string pod, AddressFamily family) => _networks[pod].Addresses.Of(family)!.ToString();

    /// <summary>What the agent says of a connection: of both ends, as far as they are pods.</summary>
    internal async Task<bool> IsSaidAsync(string from, string to, string port, AddressFamily family)
    {
        var parts = port.Split('/');
        var (number, protocol) = (int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), parts.Length == 1 ? "TCP" : "UDP");
        var leaves = from == "node" || await SaysAsync(from, false, to == "dns" ? "dns" : AddressOf(to, family), protocol, number);
        return leaves && (to == "dns" || from == "node" || await SaysAsync(to, true, AddressOf(from, family), protocol, number));
    }

    private async Task<bool> SaysAsync(string pod, bool isIngress, string other, string protocol, int port) =>
        (await _policies.Ask<PolicyActor.Judgement>(new PolicyActor.Judge(PodDefinition.Instance.Key(pod[..1], pod[2..]), isIngress, other, protocol, port), Bound)).Verdict!.IsAllowed;

    internal Task InForceAsync(string pod) => _policies.Ask(new PolicyActor.Guard(Uid(pod)), Bound);

    internal static string Uid(string pod) => pod.Replace('/', '-');

    /// <summary>Who gets through to whom by addresses of a family: FROM &gt; TO:PORT. The server of names has one of IPv4.</summary>
    internal async Task<IReadOnlyDictionary<(string From, string To, string Port), bool>> TryAllAsync(Func<string, string, string, bool> isExpected, AddressFamily family)
    {
        var tries = new List<Task<((string, string, string), bool)>>();
        foreach (var from in Names.Append("node"))
        {
            foreach (var to in Names)
            {
                tries.AddRange(((string[])["80", "81", "80/udp"]).Select(port => TryAsync(from, to, AddressOf(to, family), port, isExpected(from, to, port))));
            }

            tries.AddRange(from == "node" || family != AddressFamily.InterNetwork ? [] : ((string[])["53", "53/udp"]).Select(port => TryAsync(from, "dns", _dns, port, isExpected(from, "dns", port))));
        }

        return (await Task.WhenAll(tries)).ToDictionary(t => t.Item1, t => t.Item2);
    }

    internal async Task<bool> TryAsync(string from, string to, string port, bool isExpected) => (await TryAsync(from, to, AddressOf(to), port, isExpected)).Works;

    internal PodNetwork NetworkOf(string pod) => _networks[pod];

    // What is expected has all the time that there is.
    private async Task<((string, string, string) Try, bool Works)> TryAsync(string from, string to, string address, string port, bool isExpected)
    {
        var network = from == "node" ? null : _networks[from];
        var parts = port.Split('/');
        var number = int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture);
        var patience = isExpected ? Bound : Patience;
        var said = parts.Length == 1 ? await Pods.AskAsync(network, address, number, patience) : await Pods.AskDatagramAsync(network, address, number, patience);
        return ((from, to, port), said == to);
    }

    private IActorRef Agent()
    {
        var agent = _system.ActorOf(PolicyActor.Props("n", _feed, Pods.Names, Pods.Network, PacketKernel.OfHost));
        agent.Tell(new PolicyActor.Pods([.. _fed.Cache.All(PodDefinition.Instance)], true));
        return agent;
    }

    private async Task AddAsync(string name)
    {
        var network = _networks[name] = await Pods.AddAsync(Uid(name));
        var labels = new Dictionary<string, string> { ["pod"] = name[2..] };
        if (name == "x/b")
        {
            (labels["role"], labels["tier"]) = ("db", "back");
        }

        await _fed.CreateAsync($$"""
            { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "{{name[2..]}}", "namespace": "{{name[..1]}}", "uid": "{{Uid(name)}}", "labels": {{JsonSerializer.Serialize(labels)}} },
              "spec": { "nodeName": "n", "containers": [{ "name": "c", "image": "i", "ports": [
                { "name": "web", "containerPort": 80 }, { "name": "alt", "containerPort": 81 }, { "name": "names", "containerPort": 80, "protocol": "UDP" }] }] },
              "status": { "phase": "Running", "podIP": "{{network.Address}}", "podIPs": [{ "ip": "{{network.Address}}" }, { "ip": "{{network.Addresses.Second}}" }] } }
            """);
        await Pods.ServeAsync(network, name, 80);
        await Pods.ServeAsync(network, name, 81);
        await Pods.ServeDatagramsAsync(network, name, 80);
    }
}

/// <summary>Specs that share the pods, one after the other.</summary>
[CollectionDefinition(nameof(PolicyWorlds))]
public sealed class PolicyWorlds : ICollectionFixture<PolicyWorld>;
