using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;

namespace Orchestrator.Actors.Api.Tables;

/// <summary>A column of a table as <c>kubectl get</c> shows it.</summary>
/// <param name="Name">Header.</param>
/// <param name="Cell">Value of an object at a moment.</param>
/// <param name="IsWide">Shown with <c>-o wide</c> only.</param>
public sealed record Column(string Name, Func<KubeObject, DateTimeOffset, JsonNode?> Cell, bool IsWide = false);

/// <summary>Builds <c>meta.k8s.io/v1 Table</c> answers with Kubernetes' columns.</summary>
public static class TableBuilder
{
    private static readonly Column Name = new("Name", (o, _) => o.Name);
    private static readonly Column AgeColumn = new("Age", (o, now) => Age.Of(Created(o), now));

    /// <summary>The table of some objects.</summary>
    /// <param name="kind">Of which kind they are.</param>
    /// <param name="items">The objects, a row each.</param>
    /// <param name="rows">What a row carries of its object.</param>
    /// <param name="now">Ages are told for it.</param>
    /// <param name="resourceVersion">Of the table.</param>
    /// <param name="withColumns">False: the client has been told the columns before.</param>
    public static JsonObject Build(KindInfo kind, IEnumerable<KubeObject> items, RowObject rows, DateTimeOffset now, string resourceVersion, bool withColumns = true)
    {
        var columns = Columns(kind);
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = resourceVersion },
            ["columnDefinitions"] = withColumns ? new JsonArray([.. columns.Select(Definition)]) : null,
            ["rows"] = new JsonArray([.. items.Select(o => (JsonNode)new JsonObject
            {
                ["cells"] = Cells(columns, o, now),
                ["object"] = Carried(o, rows),
            })]),
        };
    }

    private static JsonObject? Carried(KubeObject o, RowObject rows) => rows switch
    {
        RowObject.None => null,
        RowObject.Object => o.ToNode(),
        _ => new JsonObject
        {
            ["kind"] = "PartialObjectMetadata",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = o.ToNode()["metadata"]!.DeepClone(),
        },
    };

    private static JsonArray Cells(Column[] columns, KubeObject o, DateTimeOffset now)
    {
        var cells = new JsonArray([.. columns.Select(c => c.Cell(o, now))]);
        o.ForgetTyped(); // A list of ten thousand pods would leave as many models behind.
        return cells;
    }

    private static Column[] Columns(KindInfo kind) => kind.Kind switch
    {
        "Pod" =>
        [
            Name,
            new("Ready", (o, _) => PodSummary.Of(o.As<V1Pod>()).Ready),
            new("Status", (o, _) => PodSummary.Of(o.As<V1Pod>()).Status),
            new("Restarts", (o, now) => PodSummary.Of(o.As<V1Pod>()).RestartsAt(now)),
            AgeColumn,
            new("IP", (o, _) => o.As<V1Pod>().Status?.PodIP ?? "<none>", true),
            new("Node", (o, _) => o.NodeName ?? "<none>", true),
            new("Nominated Node", (_, _) => "<none>", true),
            new("Readiness Gates", (_, _) => "<none>", true),
        ],
        "Deployment" =>
        [
            Name,
            new("Ready", (o, _) => $"{o.As<V1Deployment>().Status?.ReadyReplicas ?? 0}/{o.As<V1Deployment>().Spec.Replicas ?? 1}"),
            new("Up-to-date", (o, _) => o.As<V1Deployment>().Status?.UpdatedReplicas ?? 0),
            new("Available", (o, _) => o.As<V1Deployment>().Status?.AvailableReplicas ?? 0),
            AgeColumn,
            new("Containers", (o, _) => Containers(o.As<V1Deployment>().Spec.Template.Spec, c => c.Name), true),
            new("Images", (o, _) => Containers(o.As<V1Deployment>().Spec.Template.Spec, c => c.Image), true),
            new("Selector", (o, _) => Selector(o.As<V1Deployment>().Spec.Selector), true),
        ],
        "ReplicaSet" =>
        [
            Name,
            new("Desired", (o, _) => o.As<V1ReplicaSet>().Spec.Replicas ?? 1),
            new("Current", (o, _) => o.As<V1ReplicaSet>().Status?.Replicas ?? 0),
            new("Ready", (o, _) => o.As<V1ReplicaSet>().Status?.ReadyReplicas ?? 0),
            AgeColumn,
            new("Containers", (o, _) => Containers(o.As<V1ReplicaSet>().Spec.Template.Spec, c => c.Name), true),
            new("Images", (o, _) => Containers(o.As<V1ReplicaSet>().Spec.Template.Spec, c => c.Image), true),
            new("Selector", (o, _) => Selector(o.As<V1ReplicaSet>().Spec.Selector), true),
        ],
        "Scale" =>
        [
            Name,
            new("Desired", (o, _) => o.As<V1Scale>().Spec?.Replicas ?? 0),
            new("Available", (o, _) => o.As<V1Scale>().Status?.Replicas ?? 0),
            AgeColumn,
        ],
        "Node" =>
        [
            Name,
            new("Status", (o, _) => NodeStatusText(o.As<V1Node>())),
            new("Roles", (_, _) => "<none>"),
            AgeColumn,
            new("Version", (o, _) => o.As<V1Node>().Status?.NodeInfo?.KubeletVersion ?? ""),
            new("Internal-IP", (o, _) => Address(o.As<V1Node>(), "InternalIP"), true),
            new("External-IP", (o, _) => Address(o.As<V1Node>(), "ExternalIP"), true),
            new("OS-Image", (o, _) => OrUnknown(o.As<V1Node>().Status?.NodeInfo?.OsImage), true),
            new("Kernel-Version", (o, _) => OrUnknown(o.As<V1Node>().Status?.NodeInfo?.KernelVersion), true),
            new("Container-Runtime", (o, _) => OrUnknown(o.As<V1Node>().Status?.NodeInfo?.ContainerRuntimeVersion), true),
        ],
        "Service" =>
        [
            Name,
            new("Type", (o, _) => o.As<V1Service>().Spec?.Type ?? "ClusterIP"),
            new("Cluster-IP", (o, _) => OrNone(o.As<V1Service>().Spec?.ClusterIP)),
            new("External-IP", (o, _) => ExternalAddress(o.As<V1Service>())),
            new("Port(s)", (o, _) => OrNone(string.Join(",", (o.As<V1Service>().Spec?.Ports ?? []).Select(Port)))),
            AgeColumn,
            new("Selector", (o, _) => OrNone(string.Join(",", (o.As<V1Service>().Spec?.Selector ?? new Dictionary<string, string>()).Select(p => $"{p.Key}={p.Value}"))), true),
        ],
        "Namespace" => [Name, new("Status", (o, _) => o.As<V1Namespace>().Status?.Phase ?? ""), AgeColumn],
        "ConfigMap" => [Name, new("Data", (o, _) => (o.As<V1ConfigMap>().Data?.Count ?? 0) + (o.As<V1ConfigMap>().BinaryData?.Count ?? 0)), AgeColumn],
        "Secret" => [Name, new("Type", (o, _) => o.As<V1Secret>().Type ?? "Opaque"), new("Data", (o, _) => o.As<V1Secret>().Data?.Count ?? 0), AgeColumn],
        "Event" =>
        [
            new("Last Seen", (o, now) => Age.Of(o.As<Corev1Event>().LastTimestamp, now)),
            new("Type", (o, _) => o.As<Corev1Event>().Type),
            new("Reason", (o, _) => o.As<Corev1Event>().Reason),
            new("Object", (o, _) => $"{o.As<Corev1Event>().InvolvedObject.Kind.ToLowerInvariant()}/{o.As<Corev1Event>().InvolvedObject.Name}"),
            new("Source", (o, _) => o.As<Corev1Event>().Source?.Component ?? "", true),
            new("Message", (o, _) => o.As<Corev1Event>().Message),
            new("First Seen", (o, now) => Age.Of(o.As<Corev1Event>().FirstTimestamp, now), true),
            new("Count", (o, _) => o.As<Corev1Event>().Count ?? 1, true),
            new("Name", (o, _) => o.Name, true),
        ],
        _ => [Name, AgeColumn],
    };

    private static string OrNone(string? text) => string.IsNullOrEmpty(text) ? "<none>" : text;

    private static string Port(V1ServicePort port) =>
        string.Create(CultureInfo.InvariantCulture, $"{port.Port}{(port.NodePort is > 0 ? $":{port.NodePort}" : "")}/{port.Protocol ?? "TCP"}");

    private static string ExternalAddress(V1Service service) => service.Spec switch
    {
        { Type: "ExternalName", ExternalName: { Length: > 0 } name } => name,
        { ExternalIPs: { Count: > 0 } addresses } => string.Join(",", addresses),
        { Type: "LoadBalancer" } => "<pending>",
        _ => "<none>",
    };

    private static string Address(V1Node node, string type) => node.Status?.Addresses?.FirstOrDefault(a => a.Type == type)?.Address ?? "<none>";

    private static string OrUnknown(string? text) => string.IsNullOrEmpty(text) ? "<unknown>" : text;

    private static string NodeStatusText(V1Node node)
    {
        var ready = node.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready")?.Status;
        var text = ready == "True" ? "Ready" : ready is null ? "Unknown" : "NotReady";
        return node.Spec?.Unschedulable == true ? text + ",SchedulingDisabled" : text;
    }

    private static DateTime? Created(KubeObject o) =>
        DateTime.TryParse(o.ToNode()["metadata"]?["creationTimestamp"]?.GetValue<string>(), CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;

    private static string Containers(V1PodSpec spec, Func<V1Container, string> of) => string.Join(",", spec.Containers.Select(of));

    private static string Selector(V1LabelSelector selector) =>
        string.Join(",", (selector.MatchLabels ?? new Dictionary<string, string>()).Select(p => $"{p.Key}={p.Value}"));

    private static JsonNode Definition(Column c) => new JsonObject
    {
        ["name"] = c.Name,
        ["type"] = "string",
        ["format"] = c.Name == "Name" ? "name" : "",
        ["description"] = c.Name,
        ["priority"] = c.IsWide ? 1 : 0,
    };
}
