using System.Collections.Immutable;
using System.Text.Json;
using k8s.Models;
using Orchestrator.Actors.Resources;
using static Orchestrator.Actors.Resources.FieldLabel;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Pods.</summary>
public static class PodDefinition
{
    /// <summary>Names of the metrics that are taken of a pod's page, separated by commas; all if it is absent.</summary>
    public const string ScrapeMetrics = "orchestrator.io/scrape-metrics";

    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "Pod",
        Plural = "pods",
        Model = typeof(V1Pod),
        Facts = PodSchema.Facts,
        ShortNames = ["po"],
        Subresources = ["status", "log", "exec", "attach", "portforward", "proxy", "binding", "eviction", EphemeralContainers.Subresource, ContainerResize.Subresource],
        SpecParts = ImmutableDictionary<string, SpecPart>.Empty.Add(EphemeralContainers.Subresource, SpecPart.Later(EphemeralContainers.Member)).Add(ContainerResize.Subresource, ContainerResize.Part),
        Categories = ["all"],
        RunsOnNodes = true,
        References = pod => ConfigReference.Shown(pod).Concat(PodClaims.Of(pod)),
        Annotations = [ScrapeMetrics],
        IsAdoptable = true,
        Columns =
        [
            Column.Name,
            new("Ready", r => PodSummary.Of(r.As<V1Pod>()).Ready),
            new("Status", r => PodSummary.Of(r.As<V1Pod>()).Status),
            new("Restarts", r => PodSummary.Of(r.As<V1Pod>()).RestartsAt(r.Now)),
            Column.Age,
            new("IP", r => r.As<V1Pod>().Status?.PodIP ?? "<none>", true),
            new("Node", r => r.Object.NodeName ?? "<none>", true),
            new("Nominated Node", _ => "<none>", true),
            new("Readiness Gates", _ => "<none>", true),
        ],
        FieldLabels =
        [
            Text("spec.nodeName"), Text("spec.restartPolicy"), Text("spec.schedulerName"), Text("spec.serviceAccountName"),
            Flag("spec.hostNetwork"), Text("status.phase"), Text("status.podIP"), Text("status.nominatedNodeName"),
            new("spec.host", o => Leaf(o, "spec.nodeName")), // The name that the oldest clients use.
            new("status.podIPs", Addresses),
        ],
        Metrics = PodMetrics.All,
        Usage = PodQuotaUsage.Of,
        UsageEnds = PodQuotaUsage.EndOf,
        Strategy = new PodStrategy(),
    };

    private static string Addresses(JsonElement pod) =>
        pod.TryGetProperty("status", out var status) && status.TryGetProperty("podIPs", out var all) && all.ValueKind == JsonValueKind.Array
            ? string.Join(',', all.EnumerateArray().Select(a => Leaf(a, "ip")))
            : "";
}
