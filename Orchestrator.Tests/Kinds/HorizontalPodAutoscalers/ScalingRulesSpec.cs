using System.Collections.Immutable;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using static Orchestrator.Tests.Kinds.HorizontalPodAutoscalers.Autoscaled;

namespace Orchestrator.Tests.Kinds.HorizontalPodAutoscalers;

/// <summary>How fast and how far an autoscaler scales.</summary>
public sealed class ScalingRulesSpec
{
    private const string Defaults = """{"behavior":{}}""";

    [Theory]
    [InlineData("{}", 3, 5, 5, "DesiredWithinRange")]
    [InlineData("{}", 3, 9, 6, "ScaleUpLimit")]
    [InlineData("{}", 1, 9, 4, "ScaleUpLimit")]
    [InlineData("{}", 8, 99, 10, "TooManyReplicas")]
    [InlineData("{}", 8, 0, 1, "TooFewReplicas")]
    [InlineData("""{"minReplicas":3}""", 8, 2, 3, "TooFewReplicas")]

    // Four pods or as many as there are in 15 s; all at once down.
    [InlineData(Defaults, 3, 5, 5, "DesiredWithinRange")]
    [InlineData(Defaults, 3, 9, 7, "ScaleUpLimit")]
    [InlineData("""{"maxReplicas":100,"behavior":{}}""", 20, 90, 40, "ScaleUpLimit")]
    [InlineData(Defaults, 8, 99, 10, "TooManyReplicas")]
    [InlineData(Defaults, 8, 0, 1, "TooFewReplicas")]

    [InlineData("""{"behavior":{"scaleUp":{"policies":[{"type":"Pods","value":2,"periodSeconds":60},{"type":"Percent","value":10,"periodSeconds":60}]}}}""", 5, 9, 7, "ScaleUpLimit")]
    [InlineData("""{"behavior":{"scaleUp":{"selectPolicy":"Min","policies":[{"type":"Pods","value":2,"periodSeconds":60},{"type":"Percent","value":10,"periodSeconds":60}]}}}""", 5, 9, 6, "ScaleUpLimit")]
    [InlineData("""{"behavior":{"scaleUp":{"selectPolicy":"Disabled"}}}""", 5, 9, 5, "ScaleUpLimit")]
    [InlineData("""{"behavior":{"scaleDown":{"policies":[{"type":"Pods","value":4,"periodSeconds":60},{"type":"Percent","value":10,"periodSeconds":60}]}}}""", 9, 1, 5, "ScaleDownLimit")]
    [InlineData("""{"behavior":{"scaleDown":{"selectPolicy":"Min","policies":[{"type":"Pods","value":4,"periodSeconds":60},{"type":"Percent","value":10,"periodSeconds":60}]}}}""", 9, 1, 8, "ScaleDownLimit")]
    [InlineData("""{"behavior":{"scaleDown":{"selectPolicy":"Disabled"}}}""", 9, 1, 9, "ScaleDownLimit")]
    public void The_number_is_limited(string spec, int current, int desired, int replicas, string reason)
    {
        var limited = Rules(spec).Limit(current, desired, AutoscalerMemory.Empty);
        Assert.Equal((replicas, reason), (limited.Replicas, limited.Reason));
    }

    [Fact]
    public void A_policy_counts_what_was_changed_in_its_period()
    {
        var rules = Rules("""
            {"maxReplicas":100,"behavior":{"scaleUp":{"policies":[{"type":"Pods","value":4,"periodSeconds":60}]},"scaleDown":{"policies":[{"type":"Percent","value":50,"periodSeconds":60}]}}}
            """);
        var memory = AutoscalerMemory.Empty with { ScaleUps = [new ScaleChange(7, Now.AddSeconds(-61)), new ScaleChange(3, Now.AddSeconds(-10))] };
        Assert.Equal(11, rules.Limit(10, 50, memory).Replicas);
        Assert.Equal(10, rules.Limit(10, 50, memory with { ScaleUps = [new ScaleChange(4, Now.AddSeconds(-10))] }).Replicas);

        // Ten were twenty in this minute: half of them may go, and they are gone.
        memory = AutoscalerMemory.Empty with { ScaleDowns = [new ScaleChange(10, Now.AddSeconds(-10))] };
        Assert.Equal(10, rules.Limit(10, 1, memory).Replicas);
        Assert.Equal(5, rules.Limit(10, 1, AutoscalerMemory.Empty).Replicas);
    }

    [Theory]
    [InlineData("{}", 5, 2, 5, "ScaleDownStabilized")]
    [InlineData("{}", 5, 8, 8, "ReadyForNewScale")]
    [InlineData(Defaults, 5, 2, 5, "ScaleDownStabilized")]
    [InlineData(Defaults, 5, 8, 8, "ReadyForNewScale")]
    [InlineData("""{"behavior":{"scaleDown":{"stabilizationWindowSeconds":0}}}""", 5, 2, 2, "ReadyForNewScale")]
    [InlineData("""{"behavior":{"scaleDown":{"stabilizationWindowSeconds":30}}}""", 5, 2, 3, "ScaleDownStabilized")]
    [InlineData("""{"behavior":{"scaleUp":{"stabilizationWindowSeconds":60}}}""", 5, 8, 5, "ScaleUpStabilized")]
    [InlineData("""{"behavior":{"scaleUp":{"stabilizationWindowSeconds":20}}}""", 2, 8, 3, "ScaleUpStabilized")]
    public void The_window_keeps_the_number_calm(string spec, int current, int desired, int replicas, string reason)
    {
        // Six were asked for five minutes ago, five one minute ago, three twenty seconds ago.
        ImmutableArray<Recommendation> recent = [new(6, Now.AddSeconds(-301)), new(5, Now.AddSeconds(-55)), new(3, Now.AddSeconds(-15))];
        var stable = Rules(spec).Stabilize(current, desired, recent);
        Assert.Equal((replicas, reason), (stable.Replicas, stable.Reason));
    }

    [Fact]
    public void What_no_window_reaches_is_forgotten()
    {
        ImmutableArray<Recommendation> recent = [new(6, Now.AddSeconds(-301)), new(5, Now.AddSeconds(-299))];
        Assert.Equal([5, 2], Rules("{}").Remember(recent, 2).Select(r => r.Replicas));
        Assert.Equal([2], Rules("""{"behavior":{"scaleDown":{"stabilizationWindowSeconds":60}}}""").Remember(recent, 2).Select(r => r.Replicas));
        Assert.Equal([6, 5, 2], Rules("""{"behavior":{"scaleUp":{"stabilizationWindowSeconds":600}}}""").Remember(recent, 2).Select(r => r.Replicas));
    }

    private static ScalingRules Rules(string spec) => new(Autoscaler(spec).Spec, AutoscalerSettings.Default, Now);
}
