using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Kinds.Services;

/// <summary>No two services have the same address or port, whatever the host that asks has seen.</summary>
public sealed class ServiceAllocatorSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly ServiceRanges Few = ServiceRanges.Of("10.96.0.0/28", "30000-30003", IPNetwork.Parse("10.244.0.0/14"));
    private readonly Reservations _store = new();

    [Fact]
    public void Hosts_that_see_nothing_give_each_service_its_own() =>
        Gen.Select(Gen.Int[1, 13], Gen.Int[0, 4]).Sample((plain, withPorts) =>
        {
            var store = new Reservations();
            var blind = new ServiceAllocator(Few, NoObjects.Instance, TimeProvider.System, store);
            var total = Math.Min(13, plain + withPorts);
            var allocations = Enumerable.Range(0, total).Select(i => Allocate(blind, Service($"s{i}", i < withPorts ? """{"type":"NodePort","ports":[{"port":80}]}""" : """{"ports":[{"port":80}]}"""))).ToList();
            Assert.True(Task.WaitAll([.. allocations], Bound));
            var patches = allocations.Select(a => a.Result.Allocation!.Patch["spec"]!).ToList();
            Assert.Equal(total, patches.Select(p => (string)p["clusterIP"]!).Distinct().Count());
            var ports = patches.Select(p => p["ports"]?[0]?["nodePort"].AsInt64()).OfType<long>().ToList();
            Assert.Equal(Math.Min(total, withPorts), ports.Distinct().Count());
            Assert.Equal(total + ports.Count, store.Count);
        }, iter: 30);

    [Theory]
    [InlineData("""{"clusterIP":"10.96.0.5","ports":[{"port":80}]}""", """{"clusterIP":"10.96.0.5","ports":[{"port":80}]}""", "spec.clusterIPs", "failed to allocate IP 10.96.0.5: provided IP is already allocated")]
    [InlineData("{\"ports\":[{\"port\":80}]}", """{"clusterIP":"10.97.0.5","ports":[{"port":80}]}""", "spec.clusterIPs", "the provided IP (10.97.0.5) is not in the valid range. The range of valid IPs is 10.96.0.0/28")]
    [InlineData("""{"type":"NodePort","ports":[{"port":80,"nodePort":30001}]}""", """{"type":"NodePort","ports":[{"port":80,"nodePort":30001}]}""", "spec.ports[0].nodePort", "provided port is already allocated")]
    [InlineData("{\"ports\":[{\"port\":80}]}", """{"type":"NodePort","ports":[{"port":80,"nodePort":80}]}""", "spec.ports[0].nodePort", "provided port is not in the valid range. The range of valid ports is 30000-30003")]
    [InlineData("""{"type":"NodePort","ports":[{"port":1,"name":"a"},{"port":2,"name":"b"},{"port":3,"name":"c"},{"port":4,"name":"d"}]}""", """{"type":"NodePort","ports":[{"port":80}]}""",
        "spec.ports[0].nodePort", "failed to allocate a nodePort: range is full")]
    [InlineData("""{"type":"LoadBalancer","externalTrafficPolicy":"Local","ports":[{"port":1}]}""",
        """{"type":"LoadBalancer","externalTrafficPolicy":"Local","ports":[{"port":1,"name":"a"},{"port":2,"name":"b"}]}""", "spec.healthCheckNodePort", "failed to allocate a HealthCheck NodePort: range is full")]
    public async Task What_cannot_be_had_is_refused_with_its_field(string first, string second, string field, string why)
    {
        var blind = new ServiceAllocator(Few, NoObjects.Instance, TimeProvider.System, _store);
        var had = await Allocate(blind, Service("first", first)).WaitAsync(Bound);
        Assert.Null(had.Error);
        var count = _store.Count;
        var error = (await Allocate(blind, Service("second", second)).WaitAsync(Bound)).Error;
        Assert.Equal(ApiReason.Invalid, error!.Reason);
        var cause = Assert.Single(error.Causes);
        Assert.Equal(field, cause.Field);
        Assert.Contains(why, cause.Message, StringComparison.Ordinal);
        Assert.Equal(count, _store.Count); // Nothing is left of what was reserved on the way.
    }

    [Fact]
    public async Task All_addresses_can_be_had_and_no_more()
    {
        var blind = new ServiceAllocator(Few, NoObjects.Instance, TimeProvider.System, _store);
        for (var i = 0; i < Few.Primary.Count - 1; i++)
        {
            Assert.Null((await Allocate(blind, Service($"s{i}", """{"ports":[{"port":80}]}""")).WaitAsync(Bound)).Error);
        }

        var full = (await Allocate(blind, Service("last", """{"ports":[{"port":80}]}""")).WaitAsync(Bound)).Error;
        Assert.Contains("range is full", Assert.Single(full!.Causes).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_port_for_two_protocols_is_one_port_of_the_nodes()
    {
        var allocator = new ServiceAllocator(Few, _store, TimeProvider.System, _store);
        var given = await Allocate(allocator, Service("dns", """{"type":"NodePort","ports":[{"port":53,"name":"a"},{"port":53,"name":"b","protocol":"UDP"},{"port":54,"name":"c"}]}""")).WaitAsync(Bound);
        var ports = given.Allocation!.Patch["spec"]!["ports"]!.AsArray().Select(p => (long)p!["nodePort"].AsInt64()!).ToList();
        Assert.Equal(ports[0], ports[1]);
        Assert.NotEqual(ports[0], ports[2]);
        Assert.Equal(3, given.Allocation.Reservations.Length);
    }

    [Fact]
    public async Task What_a_version_no_longer_has_is_given_back_and_what_it_keeps_is_not_asked_for()
    {
        var allocator = new ServiceAllocator(Few, _store, TimeProvider.System, _store);
        var service = Service("s", """{"type":"NodePort","ports":[{"port":80}]}""");
        var given = (await Allocate(allocator, service).WaitAsync(Bound)).Allocation!;
        var stored = KubeObject.From(ServiceDefinition.Instance, JsonMerge.Apply(service.ToNode(), given.Patch));
        Assert.Null(allocator.Propose(stored, stored));
        var alias = Service("s", """{"type":"ExternalName","externalName":"a.example"}""");
        Assert.Null(allocator.Propose(stored, alias));
        allocator.Settle(null, stored, 1);
        Assert.Equal(2, _store.Count);
        allocator.Settle(stored, alias, 2);
        Assert.Equal(0, _store.Count);
        allocator.Release(given); // Delivered twice.
        Assert.Equal(0, _store.Count);
    }

    [Fact]
    public async Task A_left_over_of_the_same_service_is_its_own_and_nobody_who_gives_it_back_late_takes_it_away()
    {
        var allocator = new ServiceAllocator(Few, _store, TimeProvider.System, _store);
        var service = Service("s", """{"clusterIP":"10.96.0.5","ports":[{"port":80}]}""");
        var first = (await Allocate(allocator, service).WaitAsync(Bound)).Allocation!;
        var second = (await Allocate(allocator, service).WaitAsync(Bound)).Allocation!;
        allocator.Release(first);
        Assert.Equal(1, _store.Count);
        allocator.Release(second);
        Assert.Equal(0, _store.Count);
    }

    private static Task<AllocationReply> Allocate(ServiceAllocator allocator, KubeObject service) =>
        Task.Run(() => allocator.AllocateAsync(allocator.Propose(null, service)!, new CreateObject(service.Key, service.ToNode(), "me"), null, service, 0));

    private static KubeObject Service(string name, string spec)
    {
        var service = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" }, ["spec"] = JsonNode.Parse(spec) };
        Assert.Null(Admitter.Create(ServiceDefinition.Instance, service, NoObjects.Instance));
        return KubeObject.From(ServiceDefinition.Instance, service);
    }

    // The entities of the reservations, one per name, with the decisions of entities.
    private sealed class Reservations : IObjectStore, IAdmissionView
    {
        private readonly ConcurrentDictionary<ObjectKey, KubeObject> _objects = new();
        private readonly ResourceRegistry _registry = new();
        private readonly Lock _gate = new();
        private int _uids;

        public int Count => _objects.Count;

        public Task<CommandReply> SendAsync(ObjectCommand command, CancellationToken cancellation)
        {
            lock (_gate)
            {
                var kind = _registry.ByResource(command.Key.Resource)!;
                var state = _objects.GetValueOrDefault(command.Key);
                var decision = ObjectDecider.Decide(kind, state, command, new DecideContext(DateTimeOffset.UnixEpoch, $"u{++_uids}"));
                foreach (var e in decision.Events)
                {
                    state = ObjectState.Apply(kind, state, e);
                }

                if (state is null)
                {
                    _objects.TryRemove(command.Key, out _);
                }
                else if (decision.Error is null)
                {
                    _objects[command.Key] = state;
                }

                return Task.FromResult(new CommandReply(decision.Error is null ? state : null, decision.Error));
            }
        }

        public IEnumerable<KubeObject> All(ResourceDefinition kind) => [];

        public IEnumerable<KubeObject> All(ResourceDefinition kind, string ns) => [];

        public KubeObject? Find(ObjectKey key) => _objects.GetValueOrDefault(key);
    }
}
