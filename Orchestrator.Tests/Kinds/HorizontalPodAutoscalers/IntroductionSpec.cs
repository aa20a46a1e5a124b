using System.Collections.Immutable;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using static Orchestrator.Tests.Kinds.HorizontalPodAutoscalers.Autoscaled;

namespace Orchestrator.Tests.Kinds.HorizontalPodAutoscalers;

/// <summary>What an introduction to Kubernetes says of HorizontalPodAutoscalers, example by example.</summary>
public sealed class IntroductionSpec
{
    // TargetNumOfPods = ceil(sum(CurrentPodsCPUUtilization) / Target), unless avg(CurrentPodsConsumption) / Target is from 0.9 to 1.1.
    [Theory]
    [InlineData(50, "90,90", 4)]
    [InlineData(50, "100,100,100", 6)]
    [InlineData(50, "10,20,30,40", 2)]
    [InlineData(50, "20,20,20,20", 2)]
    [InlineData(80, "100,80,99", 4)]
    [InlineData(50, "54,54", 2)]
    [InlineData(50, "46,46,46", 3)]
    [InlineData(50, "44,44,44,44,44,44,44,44,44", 8)]
    public void The_number_of_pods_is_the_sum_of_their_utilization_divided_by_the_target(int target, string utilization, int replicas)
    {
        long[] shares = [.. utilization.Split(',').Select(long.Parse)];
        Assert.Equal(replicas, new ReplicaCalculator(AutoscalerSettings.Default, Now).ByUtilization(shares.Length, target, "cpu", "", Using(shares)).Replicas);
        var ratio = shares.Average() / target;
        Assert.Equal(ratio is < 0.9 or > 1.1 ? (int)Math.Ceiling((double)shares.Sum() / target) : shares.Length, replicas);
    }

    [Fact]
    public void A_pod_that_requests_400_thousandths_and_uses_200_has_a_utilization_of_50_percent() =>
        Assert.Equal(50, new ReplicaCalculator(AutoscalerSettings.Default, Now).ByUtilization(1, 50, "cpu", "", [Pod("web", 200, requests: 400)]).Percent);

    [Fact]
    public void Without_a_request_there_is_no_utilization() =>
        Assert.NotNull(new ReplicaCalculator(AutoscalerSettings.Default, Now).ByUtilization(1, 50, "cpu", "", [Pod("web", 200, requests: null)]).Error);

    // 50 % of CPU, 1000 packets per second for each pod, and 10000 requests per second of an Ingress: whichever needs most pods counts.
    [Theory]
    [InlineData(50, 1000, 10_000, 4, null)]
    [InlineData(80, 1000, 10_000, 7, "cpu resource utilization (percentage of request) above target")]
    [InlineData(50, 1500, 10_000, 6, "pods metric packets-per-second above target")]
    [InlineData(50, 1500, 20_000, 8, "Ingress metric requests-per-second above target")]
    public void Of_several_metrics_the_one_that_asks_for_most_wins(int cpu, int packets, int requests, int replicas, string? reason)
    {
        var autoscaler = Autoscaler("""
            {"metrics":[
              {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}},
              {"type":"Pods","pods":{"metric":{"name":"packets-per-second"},"target":{"type":"AverageValue","averageValue":"1k"}}},
              {"type":"Object","object":{"metric":{"name":"requests-per-second"},"describedObject":{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","name":"main-route"},"target":{"type":"Value","value":"10k"}}}]}
            """);
        var store = new PushedMetricStore();
        var pods = Using(cpu, cpu, cpu, cpu);
        store.Take(new PushedMetrics([.. pods.Select(p => Value("pods", p.Name, "packets-per-second", packets)), Value("ingresses.networking.k8s.io", "main-route", "requests-per-second", requests)]), Now);
        var target = Target(pods) with { Pushed = store, ResourceOf = (group, kind) => (group, kind) == ("networking.k8s.io", "Ingress") ? "ingresses.networking.k8s.io" : null };
        var plan = AutoscalerPlanner.Plan(autoscaler, target, AutoscalerMemory.Empty, AutoscalerSettings.Default, Now);
        Assert.Equal(reason is null ? null : new Rescale(replicas, reason), plan.Rescale);
    }

    private static PushedMetric Value(string resource, string name, string metric, long value) =>
        new(resource, "default", name, metric, ImmutableSortedDictionary<string, string>.Empty, value * 1000, Now, TimeSpan.Zero);
}
