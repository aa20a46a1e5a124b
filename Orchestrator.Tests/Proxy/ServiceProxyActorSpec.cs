using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Node.Dns;
using Orchestrator.Node.Network;
using Orchestrator.Node.Packets;
using Orchestrator.Node.Proxy;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Proxy;

/// <summary>The proxy of a node between a gateway that is played and a kernel that takes or refuses transactions.</summary>
public sealed class ServiceProxyActorSpec() : TestKit(ControlledTime.Config)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly ControlledTime _time = new();
    private readonly ServiceDirectory _directory = new(TimeProvider.System);
    private bool _hasTable = true;
    private readonly Channel<(string Text, TaskCompletionSource Done)> _kernel = Channel.CreateUnbounded<(string, TaskCompletionSource)>();

    [Fact]
    public async Task The_first_transaction_is_the_whole_table_and_the_next_one_what_changed()
    {
        var proxy = Start();
        ExpectMsg(new FollowServices(FeedPosition.None), Bound);
        proxy.Tell(new ObjectNews("s", ObjectNews.Whole, 3, [Service("a", 1)], []));
        Assert.StartsWith("table inet ", await TakeAsync(), StringComparison.Ordinal);
        proxy.Tell(new ObjectNews("s", 3, 4, [Service("b", 2)], []));
        var text = await TakeAsync();
        Assert.StartsWith("add element inet ", text, StringComparison.Ordinal);
        Assert.Contains("10.96.0.98", text, StringComparison.Ordinal);
        proxy.Tell(new ObjectNews("s", 4, 5, [], [new GoneObject(ServiceDefinition.Instance.Key("default", "a"), 3)]));
        Assert.Contains("delete element inet ", await TakeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_while_the_kernel_is_busy_goes_into_one_transaction()
    {
        var proxy = Start();
        proxy.Tell(new ObjectNews("s", ObjectNews.Whole, 3, [], []));
        var first = await _kernel.Reader.ReadAsync().AsTask().WaitAsync(Bound);
        proxy.Tell(new ObjectNews("s", 3, 4, [Service("a", 1)], []));
        proxy.Tell(new ObjectNews("s", 4, 5, [Service("b", 2)], []));
        await _time.PassAsync(Sys, TimeSpan.Zero, proxy);
        first.Done.SetResult();
        var text = await TakeAsync();
        Assert.Contains("10.96.0.97", text, StringComparison.Ordinal);
        Assert.Contains("10.96.0.98", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_misses_a_version_asks_for_the_whole()
    {
        var proxy = Start();
        ExpectMsg(new FollowServices(FeedPosition.None), Bound);
        proxy.Tell(new ObjectNews("s", ObjectNews.Whole, 3, [], []));
        await TakeAsync();
        proxy.Tell(new ObjectNews("s", 4, 5, [Service("b", 2)], []));
        ExpectMsg(new FollowServices(new FeedPosition("s", 3)), Bound);
    }

    [Fact]
    public async Task What_the_kernel_refuses_is_tried_again_as_a_whole()
    {
        var proxy = Start();
        proxy.Tell(new ObjectNews("s", ObjectNews.Whole, 3, [], []));
        await TakeAsync();
        proxy.Tell(new ObjectNews("s", 3, 4, [Service("a", 1)], []));
        (await _kernel.Reader.ReadAsync().AsTask().WaitAsync(Bound)).Done.SetException(new NetworkException("no"));
        await Poll.UntilAsync(async () =>
        {
            await _time.PassAsync(Sys, TimeSpan.FromSeconds(5), proxy);
            return _kernel.Reader.TryPeek(out _);
        }, Bound, () => "it tries again");
        var text = await TakeAsync();
        Assert.StartsWith("table inet ", text, StringComparison.Ordinal);
        Assert.Contains("10.96.0.97", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_needs_services_gets_them_once_they_are_known_and_again_when_they_change()
    {
        var (proxy, who) = (Start(), CreateTestProbe());
        var (a, b) = (ServiceDefinition.Instance.Key("default", "a"), ServiceDefinition.Instance.Key("default", "b"));
        proxy.Tell(new WatchServices([a, b]), who);
        proxy.Tell(new ObjectNews("s", ObjectNews.Whole, 3, [Service("a", 1), Service("c", 1)], []));
        ServiceSeen[] seen = [who.ExpectMsg<ServiceSeen>(Bound), who.ExpectMsg<ServiceSeen>(Bound)];
        Assert.Equal(["a 1", "b none"], seen.Select(s => $"{s.Key.Name} {s.Service?.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}").Order());
        proxy.Tell(new ObjectNews("s", 3, 4, [Service("c", 2)], []));
        proxy.Tell(new ObjectNews("s", 4, 5, [Service("b", 3)], []));
        Assert.Equal((b, 3), who.ExpectMsg<ServiceSeen>(Bound) is var changed ? (changed.Key, changed.Service!.Revision) : default);
        proxy.Tell(new WatchServices([b]), who);
        Assert.Equal(b, who.ExpectMsg<ServiceSeen>(Bound).Key);
        proxy.Tell(new ObjectNews("s", 5, 6, [Service("a", 4), Service("b", 4)], []));
        Assert.Equal(b, who.ExpectMsg<ServiceSeen>(Bound).Key);
        await _time.PassAsync(Sys, TimeSpan.Zero, proxy);
        Assert.False(who.HasMessages);
    }

    [Fact]
    public async Task Pods_find_the_services_that_have_an_address_as_they_are_now()
    {
        var proxy = Start();
        proxy.Tell(new ObjectNews("s", ObjectNews.Whole, 3, [Service("a", 1), Service("b", 1), Service("c", 1, "None"), Service("d", 1)], []));
        Assert.Equal(["a 10.96.0.97", "b 10.96.0.98", "d 10.96.0.100"], await FoundAsync());
        proxy.Tell(new ObjectNews("s", 3, 4, [Service("b", 2, "10.96.0.9"), Service("c", 2, "10.96.0.8"), Service("d", 2, "None")], [new GoneObject(ServiceDefinition.Instance.Key("default", "a"), 4)]));
        Assert.Equal(["b 10.96.0.9", "c 10.96.0.8"], await FoundAsync());
        proxy.Tell(new ObjectNews("t", ObjectNews.Whole, 9, [Service("e", 5)], []));
        Assert.Equal(["e 10.96.0.101"], await FoundAsync());

        async Task<IEnumerable<string>> FoundAsync()
        {
            await _time.PassAsync(Sys, TimeSpan.Zero, proxy);
            return (await _directory.AllAsync(CancellationToken.None)).Select(s => $"{s.Metadata.Name} {s.Spec.ClusterIP}").Order(StringComparer.Ordinal);
        }
    }

    [Fact]
    public async Task A_table_that_somebody_has_removed_is_made_again()
    {
        var proxy = Start();
        proxy.Tell(new ObjectNews("s", ObjectNews.Whole, 3, [Service("a", 1)], []));
        await TakeAsync();
        _hasTable = false;
        await Poll.UntilAsync(async () =>
        {
            await _time.PassAsync(Sys, TimeSpan.FromMinutes(1), proxy);
            return _kernel.Reader.TryPeek(out _);
        }, Bound, () => "it looks, and makes it");
        Assert.StartsWith("table inet ", await TakeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_begins_anew_forgets_the_names_that_are_gone_since()
    {
        using var dns = new ClusterDns(new HostDns("/nonexistent"), TimeProvider.System, (_, _) => { }, IPNetwork.Parse("10.244.0.0/14").Contains);
        foreach (var services in new[] { new[] { Service("a", 1), Service("b", 2) }, [Service("a", 1)] })
        {
            var proxy = Watch(Start(dns));
            proxy.Tell(new ObjectNews("s", ObjectNews.Whole, 3, [.. services], []));
            await TakeAsync();
            Assert.True(dns.Zone!.Answer("a.default.svc.cluster.local", DnsType.A)!.Exists);
            Assert.Equal(services.Length == 2, dns.Zone!.Answer("b.default.svc.cluster.local", DnsType.A)!.Exists);
            Sys.Stop(proxy);
            FishForMessage(m => m is Terminated, Bound);
        }
    }

    [Fact]
    public async Task One_that_begins_anew_asks_after_a_pause()
    {
        Sys.ActorOf(Props.Create(() => new Parent(Proxy(null))), "parent");
        ExpectMsg(new FollowServices(FeedPosition.None), Bound);
        var proxy = await Sys.ActorSelection("/user/parent/proxy").ResolveOne(Bound);
        proxy.Tell(Kill.Instance);
        await _time.PassAsync(Sys, TimeSpan.FromSeconds(4), proxy);
        Assert.False(HasMessages);
        await _time.PassAsync(Sys, TimeSpan.FromSeconds(2), proxy);
        ExpectMsg(new FollowServices(FeedPosition.None), Bound);
    }

    private IActorRef Start(ClusterDns? dns = null) => Sys.ActorOf(Proxy(dns));

    private Props Proxy(ClusterDns? dns) => ServiceProxyActor.Props("n", TestActor, new ServiceProxying(_directory, NetworkNames.Of("i"), [IPNetwork.Parse("10.244.0.0/14")], dns),
        new PacketKernel(async (text, _) =>
        {
            var done = new TaskCompletionSource();
            await _kernel.Writer.WriteAsync((text, done), CancellationToken.None);
            await done.Task;
        }, (_, _) => Task.FromResult(_hasTable)));

    private async Task<string> TakeAsync()
    {
        var (text, done) = await _kernel.Reader.ReadAsync().AsTask().WaitAsync(Bound);
        done.SetResult();
        return text;
    }

    // Whose parts begin anew, as those of an agent.
    private sealed class Parent : ReceiveActor
    {
        public Parent(Props part)
        {
            Context.ActorOf(part, "proxy");
            ReceiveAny(_ => { });
        }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Restart);
    }

    // Of one letter, which its address ends with if it is not given.
    private static KubeObject Service(string name, long revision, string? address = null) => KubeObject.From(ServiceDefinition.Instance, (JsonObject)JsonNode.Parse(
        $$"""{ "metadata": { "name": "{{name}}", "namespace": "default", "uid": "{{name}}", "resourceVersion": "{{revision}}" }, "spec": { "clusterIP": "{{address ?? $"10.96.0.{(int)name[0]}"}}" } }""")!);
}
