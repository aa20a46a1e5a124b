using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Tests.Kinds.Pods;

public sealed class ContainerResizeSpec
{
    private const string Before = """{"requests":{"cpu":"100m","memory":"32Mi"},"limits":{"memory":"64Mi"}}""";

    [Theory]
    [InlineData("""{"requests":{"cpu":"200m","memory":"48Mi"},"limits":{"memory":"128Mi"}}""", null)]
    [InlineData("""{"requests":{"cpu":"0.1","memory":"32Mi"},"limits":{"memory":"64Mi","cpu":"1"}}""", null)]
    [InlineData("""{"requests":{"cpu":"0","memory":"0"},"limits":{"memory":"64Mi"}}""", null)]
    [InlineData("""{"requests":{"cpu":"100m","memory":"32Mi"},"limits":{"memory":"0"}}""", "spec.containers[0].resources.limits[memory]: Forbidden: it cannot be removed")]
    [InlineData("""{"requests":{"cpu":"100m"},"limits":{"memory":"64Mi"}}""", "spec.containers[0].resources.requests[memory]: Forbidden: it cannot be removed")]
    [InlineData("""{"requests":{"cpu":"100m","memory":"16Mi"},"limits":{"memory":"32Mi"}}""", "spec.containers[0].resources.limits[memory]: Forbidden: memory limits cannot be decreased unless resizePolicy is RestartContainer")]
    [InlineData("""{"requests":{"cpu":"100m","memory":"32Mi","ephemeral-storage":"1Gi"},"limits":{"memory":"64Mi"}}""", "spec.containers[0].resources.requests[ephemeral-storage]: Forbidden: only cpu and memory resources are mutable")]
    [InlineData("""{"requests":{"cpu":"1","memory":"64Mi"},"limits":{"cpu":"1","memory":"64Mi"}}""", "spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of resizing")]
    public void Cpu_and_memory_change_and_nothing_else(string after, string? error) => Assert.Equal(error is null ? [] : [error], Errors(Spec(Before), Spec(after)));

    [Fact]
    public void A_memory_limit_shrinks_where_the_container_starts_again_for_it() =>
        Assert.Empty(Errors(Spec(Before, "memory"), Spec("""{"requests":{"cpu":"100m","memory":"16Mi"},"limits":{"memory":"32Mi"}}""", "memory")));

    [Theory]
    [InlineData("""{"requests":{"cpu":"0.1","memory":"33554432"},"limits":{"memory":"65536Ki"},"claims":null}""", false)]
    [InlineData("""{"requests":{"cpu":"0.2","memory":"32Mi"},"limits":{"memory":"64Mi"}}""", true)]
    [InlineData("""{"requests":{"cpu":"100m"},"limits":{"memory":"64Mi"}}""", true)]
    [InlineData("""{"requests":{"cpu":"100m","memory":"32Mi"},"limits":{"memory":"64Mi"},"claims":[{"name":"c"}]}""", true)]
    public void What_changes_are_amounts_however_they_are_written(string after, bool isChanged) => Assert.Equal(isChanged, ContainerResize.Changes(Spec(Before), Spec(after)));

    [Theory]
    [InlineData("""[{"resourceName":"cpu","restartPolicy":"RestartContainer"}]""", "Always", null)]
    [InlineData("""[{"resourceName":"gpu","restartPolicy":"NotRequired"}]""", "Always", "resourceName: Unsupported value")]
    [InlineData("""[{"resourceName":"cpu","restartPolicy":"Never"}]""", "Always", "restartPolicy: Unsupported value")]
    [InlineData("""[{"resourceName":"cpu","restartPolicy":"NotRequired"},{"resourceName":"cpu","restartPolicy":"NotRequired"}]""", "Always", "resizePolicy[1].resourceName: Duplicate value")]
    [InlineData("""[{"resourceName":"cpu","restartPolicy":"RestartContainer"}]""", "Never", "must be 'NotRequired' when `restartPolicy` is 'Never'")]
    public void Policies_are_checked(string policies, string restartPolicy, string? error)
    {
        var errors = new FieldErrors();
        ContainerResize.CheckPolicy(errors, "c", new JsonObject { ["resizePolicy"] = JsonNode.Parse(policies) }, restartPolicy);
        if (error is null)
        {
            Assert.Empty(errors.All);
        }
        else
        {
            Assert.Contains(error, string.Join(';', errors.All.Select(e => $"{e.Field}: {e.Message}")), StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> Errors(JsonObject old, JsonObject wanted)
    {
        var errors = new FieldErrors();
        ContainerResize.CheckUpdate(errors, old, wanted);
        return errors.All.Select(e => $"{e.Field}: {e.Message}");
    }

    private static JsonObject Spec(string resources, string? restartsFor = null) => (JsonObject)JsonNode.Parse($$"""
        {"containers":[{"name":"a","image":"i","resources":{{resources}},"resizePolicy":{{(restartsFor is null ? "[]" : $$"""[{"resourceName":"{{restartsFor}}","restartPolicy":"RestartContainer"}]""")}} }]}
        """)!;
}
