using Orchestrator.Actors.Api;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Agent.NodeSetup;

namespace Orchestrator.Tests.Agent.NodeSetup;

/// <summary>What pods may get of a node (Kubernetes, "Reserve Compute Resources for System Daemons").</summary>
public sealed class AllocatableSpec
{
    private static readonly RuntimeInfo Host = new("docker", "1", "1", "os", 4, 8L << 30, 100L << 30);

    [Theory]

    // kube cpu, system cpu, kube memory, system disk, hard memory, hard disk → cpu, memory, disk
    [InlineData("", "", "", "", "", "", "4 8388608Ki 104857600Ki")]
    [InlineData("100m", "250m", "", "", "", "", "3650m 8388608Ki 104857600Ki")]
    [InlineData("1", "1", "1Gi", "10Gi", "", "", "2 7340032Ki 94371840Ki")]
    [InlineData("", "", "", "", "100Mi", "10%", "4 8286208Ki 94371840Ki")]
    [InlineData("", "", "1Gi", "10Gi", "1Gi", "10Gi", "4 6291456Ki 83886080Ki")]
    [InlineData("5", "", "9Gi", "", "", "", "0 0Ki 104857600Ki")]
    public void Capacity_less_what_is_reserved_less_what_hard_thresholds_keep(string kubeCpu, string systemCpu, string kubeMemory, string systemDisk, string hardMemory, string hardDisk, string allocatable)
    {
        var reserved = new NodeReservations(Amounts(("cpu", kubeCpu), ("memory", kubeMemory)), Amounts(("cpu", systemCpu), ("ephemeral-storage", systemDisk)));
        EvictionThreshold?[] thresholds = [Hard(EvictionSignal.MemoryAvailable, hardMemory), Hard(EvictionSignal.NodefsAvailable, hardDisk), new(EvictionSignal.MemoryAvailable, new EvictionAmount(1L << 40), TimeSpan.FromSeconds(1))];
        var amounts = Allocatable.Of(Host, reserved, new EvictionSettings([.. thresholds.OfType<EvictionThreshold>()], TimeSpan.Zero, TimeSpan.Zero));
        Assert.Equal(allocatable, $"{amounts["cpu"]} {amounts["memory"]} {amounts["ephemeral-storage"]}");
    }

    [Fact]
    public void A_node_that_evicts_nothing_keeps_nothing_and_one_that_is_not_known_has_nothing()
    {
        Assert.Equal(Allocatable.Capacity(Host).ToJsonString(), Allocatable.Of(Host, NodeReservations.None, null).ToJsonString());
        Assert.Equal("""{"cpu":"0","memory":"0Ki","ephemeral-storage":"0Ki","pods":"110"}""", Allocatable.Of(null, NodeReservations.None, null).ToJsonString());
    }

    private static EvictionThreshold? Hard(EvictionSignal signal, string text) => text.Length == 0 ? null : new EvictionThreshold(signal, EvictionAmount.Parse(text)!.Value);

    private static ResourceAmounts Amounts(params (string Name, string Text)[] given)
    {
        var amounts = new ResourceAmounts();
        foreach (var (name, text) in given.Where(g => g.Text.Length > 0))
        {
            amounts[name] = Quantity.Read(text)!.Value;
        }

        return amounts;
    }
}
