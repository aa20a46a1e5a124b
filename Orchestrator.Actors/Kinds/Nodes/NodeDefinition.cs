using k8s.Models;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Nodes.</summary>
public static class NodeDefinition
{
    private const string Unknown = "<unknown>";
    private const string RolePrefix = "node-role.kubernetes.io/";

    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "Node",
        Plural = "nodes",
        Namespaced = false,
        Model = typeof(V1Node),
        Facts = NodeSchema.Facts,
        ShortNames = ["no"],
        Subresources = ["status", "proxy", "images"],
        KeptAnnotations = [LocalVolumes.FolderAnnotation],
        Columns =
        [
            Column.Name,
            new("Status", r => StatusText(r.As<V1Node>())),
            new("Roles", r => RolesText(r.As<V1Node>())),
            Column.Age,
            Column.Field("Version", "status.nodeInfo.kubeletVersion"),
            new("Internal-IP", r => Address(r.As<V1Node>(), "InternalIP"), true),
            new("External-IP", r => Address(r.As<V1Node>(), "ExternalIP"), true),
            Column.Field("OS-Image", "status.nodeInfo.osImage", Unknown, true),
            Column.Field("Kernel-Version", "status.nodeInfo.kernelVersion", Unknown, true),
            Column.Field("Container-Runtime", "status.nodeInfo.containerRuntimeVersion", Unknown, true),
        ],
        FieldLabels = [FieldLabel.Flag("spec.unschedulable")],
        Metrics = NodeMetrics.All,
        Strategy = new NodeStrategy(),
    };

    // Kubernetes, "Well-Known Labels": the label's name ends with the role.
    private static string RolesText(V1Node node) => string.Join(',', (node.Metadata.Labels?.Keys ?? []).Where(k => k.Length > RolePrefix.Length && k.StartsWith(RolePrefix, StringComparison.Ordinal))
        .Select(k => k[RolePrefix.Length..]).Order(StringComparer.Ordinal)) is { Length: > 0 } roles ? roles : "<none>";

    private static string Address(V1Node node, string type) => node.Status?.Addresses?.FirstOrDefault(a => a.Type == type)?.Address ?? "<none>";

    private static string StatusText(V1Node node)
    {
        var ready = node.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready")?.Status;
        var text = ready == "True" ? "Ready" : ready is null ? "Unknown" : "NotReady";
        return node.Spec?.Unschedulable == true ? text + ",SchedulingDisabled" : text;
    }
}
