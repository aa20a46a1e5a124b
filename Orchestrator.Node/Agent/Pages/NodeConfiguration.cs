using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Node.Agent.Eviction;

namespace Orchestrator.Node.Agent.Pages;

/// <summary>The page <c>/configz</c>: those settings of a node that the kubelet's KubeletConfiguration has too. Pure.</summary>
internal static class NodeConfiguration
{
    /// <summary>Returns the document.</summary>
    public static JsonObject Of(AgentServices services)
    {
        var settings = new JsonObject { ["kind"] = "KubeletConfiguration", ["apiVersion"] = "kubelet.config.k8s.io/v1beta1" };
        if (services.StaticPods is { } folder)
        {
            settings["staticPodPath"] = folder;
        }

        if (services.Images is { Settings: var images })
        {
            (settings["imageGCHighThresholdPercent"], settings["imageGCLowThresholdPercent"], settings["imageMinimumGCAge"]) = (images.HighPercent, images.LowPercent, Text(images.Age));
        }

        if (services.Eviction is { Settings: var eviction })
        {
            settings["evictionHard"] = Map(eviction.Thresholds.Where(t => t.IsHard), t => Text(t, t.Value));
            settings["evictionSoft"] = Map(eviction.Thresholds.Where(t => !t.IsHard), t => Text(t, t.Value));
            settings["evictionSoftGracePeriod"] = Map(eviction.Thresholds.Where(t => !t.IsHard), t => Text(t.Grace!.Value));
            settings["evictionMinimumReclaim"] = Map(eviction.Thresholds.Where(t => t.MinimumReclaim != default), t => Text(t, t.MinimumReclaim));
            (settings["evictionMaxPodGracePeriod"], settings["evictionPressureTransitionPeriod"]) = ((long)eviction.MaxPodGrace.TotalSeconds, Text(eviction.TransitionPeriod));
        }

        return new JsonObject { ["kubeletconfig"] = settings };
    }

    private static JsonObject Map(IEnumerable<EvictionThreshold> thresholds, Func<EvictionThreshold, string> value) =>
        new(thresholds.DistinctBy(t => t.Signal).Select(t => KeyValuePair.Create(t.Signal.Name(), (JsonNode?)value(t))));

    private static string Text(EvictionThreshold threshold, EvictionAmount amount) =>
        amount.Percent is { } percent ? $"{percent.ToString(CultureInfo.InvariantCulture)}%" : EvictionNotice.Amount(threshold.Signal, amount.Number);

    // As Go writes a duration: 5m0s.
    private static string Text(TimeSpan time) => string.Create(CultureInfo.InvariantCulture,
        $"{(time.TotalHours >= 1 ? $"{(long)time.TotalHours}h" : "")}{(time.TotalMinutes >= 1 ? $"{time.Minutes}m" : "")}{time.TotalSeconds % 60}s");
}
