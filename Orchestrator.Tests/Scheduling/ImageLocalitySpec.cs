using k8s.Models;
using Orchestrator.Actors.Scheduling;
using static Orchestrator.Tests.Scheduling.Pods;

namespace Orchestrator.Tests.Scheduling;

public sealed class ImageLocalitySpec
{
    [Theory]
    [InlineData(1, 3, 0)]
    [InlineData(300, 3, 28.35)]
    [InlineData(300, 1, 7.88)]
    [InlineData(5000, 3, 100)]
    public void A_node_scores_by_the_bytes_that_it_has_and_by_how_many_nodes_have_them(int megabytes, int nodes, double score)
    {
        var cluster = Enumerable.Range(0, 3).Aggregate(ClusterSnapshot.Empty, (c, i) => c.With(Holder($"n{i}", i < nodes ? megabytes : 0)));
        Assert.Equal(score, Scores(cluster).First(s => s.Key == "ImageLocality").Value, 0.01);
    }

    [Fact]
    public void The_node_that_alone_has_a_large_image_does_not_get_all_pods()
    {
        var cluster = Enumerable.Range(0, 20).Aggregate(ClusterSnapshot.Empty, (c, i) => c.With(Holder($"n{i:00}", i == 7 ? 2000 : 0)));
        var placed = SchedulingPipeline.Schedule(cluster, [.. Enumerable.Range(0, 10).Select(i => PodInfo.From(Heavy($"p{i}")))]).Placements;
        Assert.Equal("n07", placed[0].Node);
        Assert.True(placed.Count(p => p.Node == "n07") < 5);
    }

    private static IReadOnlyList<KeyValuePair<string, double>> Scores(ClusterSnapshot cluster) =>
        SchedulingPipeline.Schedule(cluster, [PodInfo.From(Heavy("p"))]).Placements.Single().Scores;

    private static V1Pod Heavy(string name)
    {
        var pod = Pod(name);
        pod.Spec.Containers[0].Image = "heavy";
        return pod;
    }

    private static V1Node Holder(string name, int megabytes)
    {
        var node = NewNode(name);
        node.Status.Images = megabytes == 0 ? [] : [new V1ContainerImage { Names = ["heavy:latest"], SizeBytes = (long)megabytes << 20 }];
        return node;
    }
}
