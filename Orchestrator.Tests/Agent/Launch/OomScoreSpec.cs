using k8s.Models;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Tests.Agent.Launch;

/// <summary>Whom the kernel kills first.</summary>
public sealed class OomScoreSpec
{
    private const long Node = 4L << 30;

    [Theory]
    [InlineData(null, null, 1000)]
    [InlineData("1Gi", "1Gi", -997)]
    [InlineData("1Gi", null, 750)]
    [InlineData("1Mi", null, 999)]
    [InlineData("4Gi", null, 3)]
    [InlineData("1Ei", null, 3)]
    public void It_follows_from_the_class_and_the_share_of_the_node(string? request, string? limit, int score)
    {
        var container = new V1Container { Name = "main", Resources = new V1ResourceRequirements { Requests = Amounts(request, limit), Limits = Amounts(limit, limit) } };
        Assert.Equal(score, OomScore.Of(new V1PodSpec { Containers = [container] }, container, Node));
    }

    private static Dictionary<string, ResourceQuantity> Amounts(string? memory, string? limit)
    {
        var amounts = new Dictionary<string, ResourceQuantity>();
        if (memory is not null)
        {
            amounts["memory"] = new ResourceQuantity(memory);
        }

        if (limit is not null)
        {
            amounts["cpu"] = new ResourceQuantity("1");
        }

        return amounts;
    }
}
