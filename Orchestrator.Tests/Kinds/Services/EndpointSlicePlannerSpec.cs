using CsCheck;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Tests.Kinds.Services;

/// <summary>Slices have every endpoint once, at most a hundred each, and change as little as possible.</summary>
public sealed class EndpointSlicePlannerSpec
{
    private static readonly KubeObject Service = KubeObject.From(ServiceDefinition.Instance, """{"metadata":{"name":"web","namespace":"default","uid":"u1"},"spec":{}}"""u8);
    private static readonly EndpointPort Http = new("http", 8080, "TCP", null);
    private int _suffix;

    [Fact]
    public void From_any_endpoints_to_any_others_one_plan_is_enough() =>
        Gen.Select(Gen.Int[0, 3].Array[0, 350], Gen.Int[0, 3].Array[0, 350]).Sample((former, wanted) =>
        {
            var slices = Applied([], Endpoints(former));
            Check(slices, Endpoints(former));
            slices = Applied(slices, Endpoints(wanted));
            Check(slices, Endpoints(wanted));
        }, iter: 60);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(100, 1)]
    [InlineData(101, 2)]
    [InlineData(250, 3)]
    public void A_slice_has_a_hundred(int endpoints, int slices) => Assert.Equal(slices, Applied([], Endpoints([.. Enumerable.Repeat(1, endpoints)])).Count);

    [Fact]
    public void A_change_of_one_pod_changes_one_slice()
    {
        var endpoints = Endpoints([.. Enumerable.Repeat(1, 250)]);
        var slices = Applied([], endpoints);
        var change = Assert.IsType<MergeObject>(Assert.Single(Plan(slices, [.. endpoints.Select((e, i) => i == 120 ? e with { IsReady = false } : e)])));
        Assert.Equal(slices.Single(s => s.ToNode()["endpoints"]!.AsArray().Any(e => (string?)e!["addresses"]![0] == endpoints[120].Address)).Key, change.Key);
        Assert.IsType<MergeObject>(Assert.Single(Plan(slices, [.. endpoints.Where((_, i) => i != 7)])));
        Assert.IsType<MergeObject>(Assert.Single(Plan(slices, [.. endpoints, Endpoint(900, 1)])));
    }

    [Fact]
    public void Pods_with_other_ports_are_in_slices_of_their_own()
    {
        var old = new ServiceEndpoint("10.244.9.9", [Http with { Number = 8081 }]) { IsReady = true };
        var slices = Applied([], [.. Endpoints([1, 1]), old]);
        Assert.Equal([8080, 8081], slices.Select(s => (int)s.ToNode()["ports"]![0]!["port"]!).Order());
    }

    [Fact]
    public void A_slice_says_whose_it_is()
    {
        var slice = Assert.Single(Applied([], Endpoints([1])));
        Assert.StartsWith("web-", slice.Name, StringComparison.Ordinal);
        Assert.Equal(("web", "m", "u1"), (slice.Labels["kubernetes.io/service-name"], slice.Labels["endpointslice.kubernetes.io/managed-by"], slice.Controller!.Uid));
        Assert.Equal("""{"addresses":["10.244.0.1"],"conditions":{"ready":true,"serving":true,"terminating":false}}""", slice.ToNode()["endpoints"]![0]!.ToJsonString());
    }

    [Fact]
    public void Labels_of_the_service_are_followed()
    {
        var slices = Applied([], Endpoints([1]));
        var change = Assert.IsType<MergeObject>(Assert.Single(EndpointSlicePlanner.Plan(Owner(("tier", "front")), ["IPv4"], Endpoints([1]), slices, Suffix)));
        Assert.Equal("""{"metadata":{"labels":{"tier":"front"}}}""", change.Patch.ToJsonString());
    }

    [Fact]
    public void Each_family_has_its_slices_and_those_of_one_that_is_gone_go()
    {
        IReadOnlyList<ServiceEndpoint> endpoints = [.. Endpoints([1, 1]), new ServiceEndpoint("fd00:244::1", [Http]) { IsReady = true }];
        var four = Applied([], endpoints, "IPv4");
        Assert.Equal(["IPv4 10.244.0.1,10.244.0.2"], four.Select(Shown));
        var both = Applied(four, endpoints, "IPv4", "IPv6");
        Assert.Equal(["IPv4 10.244.0.1,10.244.0.2", "IPv6 fd00:244::1"], both.Select(Shown).Order());
        Assert.Empty(Plan(both, endpoints, "IPv4", "IPv6"));
        Assert.Equal(["IPv6 fd00:244::1"], Applied(both, endpoints, "IPv6").Select(Shown));
        Assert.Equal(["IPv4 ", "IPv6 "], Applied([], [], "IPv4", "IPv6").Select(Shown).Order());
    }

    private static string Shown(KubeObject slice) => $"{slice.ToNode()["addressType"]} {string.Join(',', slice.ToNode()["endpoints"]!.AsArray().Select(e => (string?)e!["addresses"]![0]))}";

    private void Check(IReadOnlyList<KubeObject> slices, IReadOnlyList<ServiceEndpoint> wanted)
    {
        var found = slices.SelectMany(s => s.ToNode()["endpoints"]!.AsArray().Select(e => ((string)e!["addresses"]![0]!, (bool)e["conditions"]!["ready"]!, (int)s.ToNode()["ports"]![0]!["port"]!))).Order().ToList();
        Assert.Equal(wanted.Select(e => (e.Address, e.IsReady, e.Ports[0].Number)).Order(), found);
        Assert.All(slices, s => Assert.InRange(s.ToNode()["endpoints"]!.AsArray().Count, wanted.Count == 0 ? 0 : 1, 100));
        Assert.Empty(Plan(slices, wanted));
        Assert.NotEmpty(slices);
    }

    private IReadOnlyList<ObjectCommand> Plan(IReadOnlyList<KubeObject> slices, IReadOnlyList<ServiceEndpoint> endpoints) => Plan(slices, endpoints, "IPv4");

    private IReadOnlyList<ObjectCommand> Plan(IReadOnlyList<KubeObject> slices, IReadOnlyList<ServiceEndpoint> endpoints, params string[] families) => EndpointSlicePlanner.Plan(Owner(), families, endpoints, slices, Suffix);

    private IReadOnlyList<KubeObject> Applied(IReadOnlyList<KubeObject> slices, IReadOnlyList<ServiceEndpoint> endpoints) => Applied(slices, endpoints, "IPv4");

    private IReadOnlyList<KubeObject> Applied(IReadOnlyList<KubeObject> slices, IReadOnlyList<ServiceEndpoint> endpoints, params string[] families)
    {
        var after = slices.ToDictionary(s => s.Key);
        foreach (var command in Plan(slices, endpoints, families))
        {
            var state = after.GetValueOrDefault(command.Key);
            var decision = ObjectDecider.Decide(EndpointSliceDefinition.Instance, state, command, new DecideContext(DateTimeOffset.UnixEpoch, command.Key.Name));
            Assert.Null(decision.Error);
            foreach (var e in decision.Events)
            {
                state = ObjectState.Apply(EndpointSliceDefinition.Instance, state, e);
            }

            after.Remove(command.Key);
            if (state is not null)
            {
                after[command.Key] = state;
            }
        }

        return [.. after.Values];
    }

    private static SliceOwner Owner(params (string, string)[] labels) => new(Service, "m", labels.ToDictionary(l => l.Item1, l => l.Item2), "test", 0);

    private string Suffix() => $"s{Interlocked.Increment(ref _suffix)}";

    // 0: not there; 1: ready; 2: not ready; 3: ready, with another port.
    private static IReadOnlyList<ServiceEndpoint> Endpoints(int[] states) => [.. states.Select((s, i) => (s, i)).Where(p => p.s > 0).Select(p => Endpoint(p.i, p.s))];

    private static ServiceEndpoint Endpoint(int i, int state) =>
        new($"10.244.{i / 250}.{i % 250 + 1}", [state == 3 ? Http with { Number = 9090 } : Http]) { IsReady = state != 2, IsServing = state != 2 };
}
