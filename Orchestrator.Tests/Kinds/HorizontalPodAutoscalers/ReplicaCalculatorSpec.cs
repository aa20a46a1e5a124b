using System.Globalization;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using static Orchestrator.Tests.Kinds.HorizontalPodAutoscalers.Autoscaled;

namespace Orchestrator.Tests.Kinds.HorizontalPodAutoscalers;

/// <summary>The formula, with its tolerance and its care about what is unknown.</summary>
public sealed class ReplicaCalculatorSpec
{
    private readonly ReplicaCalculator _calculator = new(AutoscalerSettings.Default, Now);

    // The worked example of the introduction: 0.2 of 0.4 cores are 50 %; and its php-apache, which requests 200m: 191 % of 50 % are four pods.
    [Theory]
    [InlineData(1, 50, "200/400", 1)]
    [InlineData(1, 50, "382/200", 4)]
    [InlineData(4, 50, "0/200,0/200,0/200,0/200", 0)]
    [InlineData(5, 50, "100/200,100/200,100/200,100/200,100/200", 5)]
    [InlineData(1, 50, "0/200", 0)]

    // Current replicas times value divided by target, rounded up.
    [InlineData(3, 50, "100/100,100/100,100/100", 6)]
    [InlineData(3, 30, "30/100,50/100,70/100", 5)]
    [InlineData(5, 50, "10/100,20/100,30/100,40/100,50/100", 3)]

    // Nothing is done within a tenth of the target, on both sides.
    [InlineData(3, 50, "55/100,55/100,55/100", 3)]
    [InlineData(3, 50, "45/100,45/100,45/100", 3)]
    [InlineData(3, 50, "56/100,56/100,56/100", 4)]
    [InlineData(3, 50, "44/100,44/100,44/100", 3)]
    [InlineData(10, 50, "44/100,44/100,44/100,44/100,44/100,44/100,44/100,44/100,44/100,44/100", 9)]

    // Shares are whole percent, rounded down: 100 of 300 are 33 %.
    [InlineData(1, 30, "100/300", 1)]
    public void Utilization_asks_for(int current, int target, string pods, int replicas)
    {
        AutoscaledPod[] all = [.. pods.Split(',').Select((p, i) => p.Split('/').Select(n => long.Parse(n, CultureInfo.InvariantCulture)).ToList() is [var uses, var requests] ? Pod($"web-{i}", uses, requests) : throw new FormatException(p))];
        Assert.Equal((replicas, null), (_calculator.ByUtilization(current, target, "cpu", "", all) is var calculation ? calculation.Replicas : -1, calculation.Error));
    }

    [Fact]
    public void The_average_is_of_all_that_pods_use_and_request() =>
        Assert.Equal((65, 65), (_calculator.ByUtilization(2, 50, "cpu", "", Using(30, 100)) is var calculation ? calculation.Percent : null, (int)calculation.AverageMilli));

    [Theory]
    [InlineData(3, 100, "300,500,700", 15)]
    [InlineData(3, 100, "105,100,110", 3)]
    [InlineData(3, 100, "10,20,30", 1)]
    public void An_average_value_asks_for(int current, long target, string uses, int replicas) =>
        Assert.Equal(replicas, _calculator.ByAverage(current, target, "cpu", "", Using([.. uses.Split(',').Select(long.Parse)])).Replicas);

    [Fact]
    public void A_pod_without_metrics_counts_as_busy_when_pods_are_to_go()
    {
        // 20 % on average would be two pods; with two unknown ones at 100 % it is 52 %.
        Assert.Equal(5, _calculator.ByUtilization(5, 50, "cpu", "", [.. Using(20, 20, 20), Pod("a", null), Pod("b", null)]).Replicas);
        Assert.Equal(2, _calculator.ByUtilization(5, 50, "cpu", "", [.. Using(20, 20, 20)]).Replicas);

        // Beyond a target of 100 % it counts as being there.
        Assert.Equal(3, _calculator.ByUtilization(4, 200, "cpu", "", [.. Using(100, 100, 100), Pod("a", null)]).Replicas);
    }

    [Fact]
    public void A_pod_without_metrics_counts_as_idle_when_pods_are_to_come()
    {
        Assert.Equal(4, _calculator.ByUtilization(3, 50, "cpu", "", [.. Using(100, 100), Pod("a", null)]).Replicas);
        Assert.Equal(3, _calculator.ByUtilization(3, 50, "cpu", "", [.. Using(60, 60), Pod("a", null)]).Replicas);
        Assert.Equal(4, _calculator.ByUtilization(2, 50, "cpu", "", Using(100, 100)).Replicas);
    }

    [Fact]
    public void What_is_unknown_never_turns_the_direction() =>
        Assert.Equal(2, _calculator.ByUtilization(2, 50, "cpu", "", [Pod("a", 60), Pod("b", null), Pod("c", null), Pod("d", null)]).Replicas);

    [Fact]
    public void A_pod_that_has_just_started_is_left_out_of_cpu_until_it_was_ready_for_a_window()
    {
        AutoscaledPod[] calm = Using(50, 50);
        foreach (var change in (Action<System.Text.Json.Nodes.JsonObject>[])[Since(false, 10, 60), Since(true, 10, 60), Phase("Pending"), o => o["status"]!["conditions"] = null])
        {
            Assert.Equal(2, _calculator.ByUtilization(2, 50, "cpu", "", [.. calm, Pod("new", 1000, change: change)]).Replicas);
        }

        Assert.Equal(22, _calculator.ByUtilization(3, 50, "cpu", "", [.. calm, Pod("warm", 1000, change: Since(true, 16, 60))]).Replicas);
    }

    [Fact]
    public void After_the_initialization_only_a_pod_that_was_never_ready_is_left_out()
    {
        Assert.Equal(2, _calculator.ByUtilization(2, 50, "cpu", "", [.. Using(50, 50), Pod("never", 1000, change: Since(false, 995, 1000))]).Replicas);
        Assert.Equal(22, _calculator.ByUtilization(3, 50, "cpu", "", [.. Using(50, 50), Pod("was", 1000, change: Since(false, 100, 1000))]).Replicas);
    }

    [Fact]
    public void Memory_counts_from_the_first_sample() =>
        Assert.Equal(22, _calculator.ByUtilization(3, 50, "memory", "", [.. Using(50, 50), Pod("new", 1000, change: Since(false, 10, 60))]).Replicas);

    [Fact]
    public void Pods_that_start_count_as_idle_when_pods_are_to_come()
    {
        Assert.Equal(4, _calculator.ByUtilization(4, 50, "cpu", "", [.. Using(100, 100), Pod("x", null, change: Phase("Pending")), Pod("y", 900, change: Since(false, 5, 30))]).Replicas);
        Assert.Equal(6, _calculator.ByUtilization(4, 50, "cpu", "", [.. Using(150, 150), Pod("x", null, change: Phase("Pending")), Pod("y", 900, change: Since(false, 5, 30))]).Replicas);
    }

    [Fact]
    public void Pods_that_failed_or_go_do_not_count() =>
        Assert.Equal(4, _calculator.ByUtilization(2, 50, "cpu", "", [.. Using(100, 100), Pod("failed", 900, change: Phase("Failed")), Pod("goes", 900, change: Deleted)]).Replicas);

    [Fact]
    public void Without_numbers_the_reason_is_said()
    {
        Assert.Equal("unable to get metrics for resource cpu: no metrics returned from resource metrics API", _calculator.ByUtilization(1, 50, "cpu", "", [Pod("a", null)]).Error);
        Assert.Equal("unable to get metrics for resource cpu: no metrics returned from resource metrics API", _calculator.ByAverage(1, 50, "cpu", "", []).Error);
        Assert.Equal("did not receive metrics for targeted pods (pods might be unready)", _calculator.ByUtilization(1, 50, "cpu", "", [Pod("a", 5, change: Since(false, 5, 5))]).Error);
        Assert.Equal("did not receive metrics for targeted pods (pods might be unready)", _calculator.ByAverage(1, 50, "cpu", "", [Pod("a", 5, change: Since(false, 5, 5))]).Error);
        Assert.Equal("did not receive metrics for targeted pods (pods might be unready)", _calculator.ByAverage(1, 50, "example.com/gpu", "", Using(5)).Error);
        Assert.Equal("missing request for cpu in container main of Pod a", _calculator.ByUtilization(1, 50, "cpu", "", [Pod("a", 5, requests: null)]).Error);
        Assert.Equal("no metrics returned matched known pods", _calculator.ByUtilization(1, 50, "cpu", "", [Pod("a", 5, requests: 0)]).Error);
        Assert.Equal("unable to get metrics for resource cpu: failed to get container metrics: container side not present in metrics for pod default/a",
            _calculator.ByUtilization(1, 50, "cpu", "side", [Pod("a", 5)]).Error);
    }

    [Fact]
    public void A_container_can_be_looked_at_alone()
    {
        var pod = Pod("a", 0) with { Usage = new Orchestrator.Actors.ResourceMetrics.PodUsage("a", [.. Usage("a", 10, "side").Containers, .. Usage("a", 100).Containers]) };
        Assert.Equal(2, _calculator.ByUtilization(1, 50, "cpu", "main", [pod]).Replicas);
        Assert.Equal(3, _calculator.ByUtilization(1, 50, "cpu", "", [pod]).Replicas);
    }
}
