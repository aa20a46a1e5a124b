using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Tests.CustomMetrics;

/// <summary>What control hosts take from an agent that has read the metrics of pods.</summary>
public sealed class ScrapedMetricsSpec
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly ImmutableSortedDictionary<string, string> Labels = ImmutableSortedDictionary<string, string>.Empty.Add("verb", "GET");

    [Fact]
    public void Values_are_those_of_the_pod() =>
        Assert.Equal(new PushedMetric("pods", "shop", "web-1", "rps", Labels, 1500, Now.AddSeconds(-1), TimeSpan.FromSeconds(60)), Assert.Single(Scraped("node-1", Now.AddSeconds(-1)).Of(Pod, Now).Values));

    [Fact]
    public void An_agent_says_nothing_of_pods_of_other_nodes()
    {
        Assert.Empty(Scraped("node-2", Now).Of(Pod, Now).Values);
        Assert.Empty(Scraped("node-1", Now).Of(null, Now).Values);
    }

    // Else a host with a wrong clock would keep later values away.
    [Fact]
    public void A_time_to_come_is_not_believed() => Assert.Equal(Now, Assert.Single(Scraped("node-1", Now.AddHours(1)).Of(Pod, Now).Values).At);

    private static KubeObject Pod { get; } = KubeObject.From(PodDefinition.Instance,
        """{"metadata":{"name":"web-1","namespace":"shop","uid":"uid-1"},"spec":{"nodeName":"node-1"}}"""u8);

    private static ScrapedMetrics Scraped(string node, DateTimeOffset at) => new(node, "uid-1", at, [new ScrapedValue("rps", Labels, 1500, TimeSpan.FromSeconds(60))]);
}
