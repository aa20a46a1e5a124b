using CsCheck;
using k8s.Models;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Node.Docker;

namespace Orchestrator.Tests.Agent.Launch;

public sealed class ContainerResourcesSpec
{
    [Theory]
    [InlineData(null, null, null, null, 2, 0, 0, 0)]
    [InlineData("1m", null, "1", null, 2, 0, 6 << 20, 0)]
    [InlineData("0", null, "0", null, 2, 0, 6 << 20, 0)]
    [InlineData("250m", "1500m", null, "1Gi", 250, 1500, 1 << 30, 1 << 30)]
    [InlineData(null, "5m", "8Mi", "16Mi", 5, 10, 8 << 20, 16 << 20)]
    public void A_spec_is_brought_into_the_form_of_the_kernel(string? cpu, string? cpuLimit, string? memory, string? memoryLimit, long request, long limit, long reserved, long most) =>
        Assert.Equal(new ContainerResources(request, limit, reserved, most), ContainerResources.Of(new V1ResourceRequirements { Requests = List(cpu, memory), Limits = List(cpuLimit, memoryLimit) }));

    [Fact]
    public void What_the_engine_tells_is_what_it_was_told() => Gen.Select(Gen.Int[2, 100_000], Gen.Int[10, 100_000], Gen.Int[6, 1000]).Sample((request, limit, memory) =>
    {
        var asked = new ContainerResources(request, limit, (long)memory << 20, (long)memory << 21);
        var told = ContainerParameters.Resize(asked);
        Assert.Equal(asked, ContainerParameters.ResourcesOf(new global::Docker.DotNet.Models.HostConfig
        {
            CPUShares = told.CPUShares,
            CPUQuota = told.CPUQuota,
            Memory = told.Memory,
            MemoryReservation = told.MemoryReservation,
        }));
    });

    [Theory]
    [InlineData("2 0 6291456 0", 2, 0, 6291456, 0)]
    [InlineData("100 500 6291456 8388608", 100, 500, 6291456, 8388608)]
    public void The_label_says_what_a_container_was_created_with(string label, long cpu, long cpuLimit, long memory, long memoryLimit) =>
        Assert.Equal(new ContainerResources(cpu, cpuLimit, memory, memoryLimit), ContainerParameters.CreatedWith(new Dictionary<string, string> { [DockerLabels.Resources] = label }));

    [Fact]
    public void Without_a_label_nothing_is_known_of_it() => Assert.Null(ContainerParameters.CreatedWith(new Dictionary<string, string>()));

    private static Dictionary<string, ResourceQuantity> List(string? cpu, string? memory) =>
        new (string Name, string? Amount)[] { ("cpu", cpu), ("memory", memory) }.Where(a => a.Amount is not null).ToDictionary(a => a.Name, a => new ResourceQuantity(a.Amount!));
}
