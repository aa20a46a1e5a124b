using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Eviction;

/// <summary>What the kernel says of processes that wait for memory.</summary>
public sealed class MemoryStallSpec
{
    [Fact]
    public void Without_the_file_of_the_kernel_nothing_is_said()
    {
        using var folder = new TempFolder();
        Assert.Null(MemoryStall.Watch(folder.File("none"), () => { }));
    }

    [StallFact]
    public void The_kernel_takes_the_trigger_()
    {
        using var watch = MemoryStall.Watch("/proc/pressure/memory", () => { });
        Assert.NotNull(watch);
    }
}

/// <summary>A test that sets a trigger; skipped where that is not possible.</summary>
internal sealed class StallFactAttribute : FactAttribute
{
    public StallFactAttribute() => Skip = File.Exists("/proc/pressure/memory") ? null : "The kernel has no pressure stall information.";
}
