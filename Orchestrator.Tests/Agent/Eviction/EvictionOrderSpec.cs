using System.Collections.Immutable;
using System.Globalization;
using CsCheck;
using k8s.Models;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Eviction;

namespace Orchestrator.Tests.Agent.Eviction;

/// <summary>Which pod is evicted first (Kubernetes, "Node-pressure Eviction", pod selection).</summary>
public sealed class EvictionOrderSpec
{
    private static readonly NodeSample Sample = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), ImmutableDictionary<EvictionSignal, SignalReading>.Empty
        .Add(EvictionSignal.MemoryAvailable, new SignalReading(50L << 20, 1L << 30)).Add(EvictionSignal.NodefsInodesFree, new SignalReading(40, 1000)));

    [Theory]

    // More than requested goes first, whatever the priority.
    [InlineData("a:1000:100:50 b:0:50:100", "a b")]

    // Then the lower priority.
    [InlineData("a:10:1000:0 b:5:10:0 c:5:20:0", "c b a")]

    // Then who exceeds the request most, not who uses most.
    [InlineData("a:0:1000:990 b:0:100:50", "b a")]
    [InlineData("a:0:10:1000 b:0:10:20", "b a")]

    // Critical ones never.
    [InlineData("a:2000000000:1000:0 b:2000001000:1000:0 c:1999999999:1:5", "c")]
    public void Use_over_request_then_priority_then_how_much(string pods, string order)
    {
        Assert.Equal(order, Ordered(pods, EvictionSignal.MemoryAvailable));
        Assert.Equal(order, Ordered(pods, EvictionSignal.NodefsAvailable));
    }

    [Theory]
    [InlineData("a:0:10:0 b:5:1000:0", "a b")]
    [InlineData("a:0:10:0 b:0:1000:0", "b a")]
    public void Process_ids_go_by_priority_then_number(string pods, string order) => Assert.Equal(order, Ordered(pods, EvictionSignal.PidAvailable));

    [Theory]
    [InlineData("NodefsAvailable", false, 7)]
    [InlineData("NodefsAvailable", true, 4)]
    [InlineData("ImagefsAvailable", false, 7)]
    [InlineData("ImagefsAvailable", true, 3)]
    [InlineData("NodefsInodesFree", true, 40)]
    [InlineData("ImagefsInodesFree", true, 30)]
    public void Of_a_file_system_counts_what_is_on_it(string signal, bool hasOwnImagefs, long used) => Assert.Equal(used, EvictionOrder.Used(
        new PodUse([new ContainerUse("main", Layer: new DiskUse(1, 10), Logs: new DiskUse(2, 20))], ImmutableDictionary<string, DiskUse>.Empty.Add("v", new DiskUse(4, 40))), Enum.Parse<EvictionSignal>(signal), hasOwnImagefs));

    [Theory]
    [InlineData(true, "")]
    [InlineData(false, "a")]
    public void Static_pods_stay_where_there_are_any(bool hasStatic, string order)
    {
        var pod = Pod("a", 0, 0);
        pod.Metadata.Annotations = new Dictionary<string, string> { ["kubernetes.io/config.source"] = "file" };
        Assert.Equal(order, string.Join(' ', EvictionOrder.Of([new EvictionCandidate(pod, PodUse.None)], EvictionSignal.MemoryAvailable, false, hasStatic).Select(c => c.Pod.Metadata.Name)));
    }

    [Fact]
    public void Nobody_is_evicted_before_one_of_lower_priority_that_is_no_better() => Gen.Select(Gen.Int[0, 3], Gen.Long[0, 5], Gen.Long[0, 5]).Array[0, 8].Sample(pods =>
    {
        var order = EvictionOrder.Of(pods.Select((p, i) => new EvictionCandidate(Pod($"p{i}", p.Item1, p.Item3), Use(p.Item2))), EvictionSignal.MemoryAvailable, false, false);
        return order.Count == pods.Length && order.Zip(order.Skip(1), (first, second) => Facts(first).CompareTo(Facts(second)) <= 0).All(isInOrder => isInOrder);

        (int, int, long) Facts(EvictionCandidate c)
        {
            var i = int.Parse(c.Pod.Metadata.Name[1..], CultureInfo.InvariantCulture);
            return (pods[i].Item2 > pods[i].Item3 ? 0 : 1, pods[i].Item1, pods[i].Item3 - pods[i].Item2);
        }
    });

    [Fact]
    public void What_is_said_names_the_resource_the_threshold_and_who_takes_more_than_was_requested()
    {
        var victim = new EvictionCandidate(Pod("a", 0, 10L << 20), Use(20L << 20));
        var threshold = new EvictionThreshold(EvictionSignal.MemoryAvailable, new EvictionAmount(100L << 20));
        var failure = EvictionNotice.Failure(victim, threshold, Sample, TimeSpan.Zero);
        Assert.Equal("The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. Container main was using 20Mi, request is 10Mi, has larger consumption of memory.", failure.Message);
        Assert.Equal(("Evicted", TimeSpan.FromSeconds(1), true, true), (failure.Reason, failure.Grace!.Value, failure.IsDisruption, failure.ReleasesContent));
        Assert.EndsWith("memory. Sample: memory.available 50Mi of 1Gi at 2026-01-02T03:04:05Z, hard threshold 100Mi.", EvictionNotice.Event(failure, threshold, Sample).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(300, 30)]
    [InlineData(20, 20)]
    [InlineData(0, 0)]
    public void A_soft_threshold_leaves_a_pod_no_more_time_than_its_own(int most, int expected)
    {
        var threshold = new EvictionThreshold(EvictionSignal.NodefsInodesFree, new EvictionAmount(0, 5), TimeSpan.FromSeconds(90));
        var failure = EvictionNotice.Failure(new EvictionCandidate(Pod("a", 0, 0), Use(9)), threshold, Sample, TimeSpan.FromSeconds(most));
        Assert.Equal(("The node was low on resource: inodes. Threshold quantity: 50, available: 40.", expected), (failure.Message, (int)failure.Grace!.Value.TotalSeconds));
        Assert.EndsWith("soft threshold, met for 90 s or more 50.", EvictionNotice.Event(failure, threshold, Sample).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0, 0, null)]
    [InlineData("Memory", 0, 0, "The node had condition: [MemoryPressure].")]
    [InlineData("Memory", 0, 1, null)] // Burstable.
    [InlineData("Memory", 2_000_000_000, 0, null)]
    [InlineData("Disk", 0, 1, "The node had condition: [DiskPressure].")]
    [InlineData("Memory,Pid", 0, 1, "The node had condition: [MemoryPressure, PIDPressure].")]
    public void A_node_under_pressure_takes_no_pod_that_makes_it_worse(string pressures, int priority, long request, string? message) => Assert.Equal(message,
        EvictionNotice.Refusal(Pod("a", priority, request), [.. pressures.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Enum.Parse<NodePressure>)], hasStatic: false)?.Message);

    private static string Ordered(string pods, EvictionSignal signal) => string.Join(' ', EvictionOrder.Of(pods.Split(' ').Select(p => p.Split(':')).Select(p =>
        new EvictionCandidate(Pod(p[0], int.Parse(p[1], CultureInfo.InvariantCulture), Number(p[3])), Use(Number(p[2])))), signal, false, false).Select(c => c.Pod.Metadata.Name));

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static PodUse Use(long amount) => PodUse.None with { Containers = [new ContainerUse("main", amount, amount, new DiskUse(amount, amount))] };

    private static PodManifest Pod(string name, int priority, long request)
    {
        var resources = new V1ResourceRequirements { Requests = request == 0 ? null : new Dictionary<string, ResourceQuantity> { ["memory"] = new($"{request}"), ["ephemeral-storage"] = new($"{request}") } };
        return new PodManifest(new V1ObjectMeta { Name = name, Uid = name, NamespaceProperty = "default" },
            new V1PodSpec { Priority = priority, TerminationGracePeriodSeconds = 30, Containers = [new V1Container { Name = "main", Resources = resources }] });
    }
}
