using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Node.Hosting;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Hosting;

/// <summary>Reports of a worker, in a cluster of three actor systems.</summary>
public sealed class ControlHostsSpec : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly ResourceMetricsStore[] _stores = [new(), new(), new()];
    private readonly List<ActorSystem> _systems = [];

    public async Task InitializeAsync()
    {
        foreach (var role in (string[])["control", "control", "worker"])
        {
            var system = ActorSystem.Create("orchestrator", BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString($$"""
                akka.loglevel = ERROR
                akka.actor.provider = cluster
                akka.actor.serializers.wire = "Orchestrator.Actors.Wire.WireSerializer, Orchestrator.Actors"
                akka.actor.serialization-bindings { "Orchestrator.Actors.Wire.IWireMessage, Orchestrator.Actors" = wire }
                akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
                akka.cluster.roles = [{{role}}]
                """)).And(new ResourceRegistrySetup(new ResourceRegistry())));
            system.ActorOf(ResourceMetricsActor.Props(_stores[_systems.Count], TimeSpan.FromSeconds(15), TimeProvider.System), ResourceMetricsActor.Name);
            _systems.Add(system);
            await Cluster.Get(system).JoinAsync(Cluster.Get(_systems[0]).SelfAddress).WaitAsync(Bound);
        }
    }

    public Task DisposeAsync() => Task.WhenAll(_systems.Select(s => s.Terminate()));

    [Fact]
    public async Task They_reach_every_control_host_and_nobody_else()
    {
        var router = _systems[2].ActorOf(ControlHosts.Receiving(ResourceMetricsActor.Name));
        var report = new NodeUsage("n", new ResourceUsage(DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(15), 1, 2), []);
        await Poll.UntilAsync(() =>
        {
            router.Tell(report); // The first ones may come before the router knows the members.
            return Task.FromResult(_stores[0].Node("n") is not null && _stores[1].Node("n") is not null);
        }, Bound, () => "both control hosts have the report");
        Assert.Equal(report.Host, _stores[0].Node("n"));
        Assert.Null(_stores[2].Node("n"));
    }
}
