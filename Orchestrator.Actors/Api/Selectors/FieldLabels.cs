using System.Text.Json;

namespace Orchestrator.Actors.Api.Selectors;

/// <summary>The fields of each kind that field selectors may name.</summary>
internal static class FieldLabels
{
    private const string Name = "metadata.name";
    private const string Namespace = "metadata.namespace";

    private static readonly Dictionary<string, FieldLabel> Any = Table(Text(Name), Text(Namespace));

    private static readonly Dictionary<string, Dictionary<string, FieldLabel>> OfKind = new()
    {
        ["Pod"] = Table(
            Text(Name), Text(Namespace), Text("spec.nodeName"), Text("spec.restartPolicy"), Text("spec.schedulerName"), Text("spec.serviceAccountName"),
            Flag("spec.hostNetwork"), Text("status.phase"), Text("status.podIP"), Text("status.nominatedNodeName"),
            new("spec.host", o => Leaf(o, "spec.nodeName")), // Its name in the oldest clients.
            new("status.podIPs", o => Addresses(o))),
        ["Node"] = Table(Text(Name), Flag("spec.unschedulable")),
        ["Namespace"] = Table(Text(Name), Text("status.phase"), new("name", o => Leaf(o, Name))),
        ["Secret"] = Table(Text(Name), Text(Namespace), Text("type")),
        ["Service"] = Table(Text(Name), Text(Namespace), Text("spec.clusterIP"), Text("spec.type")),
        ["ReplicaSet"] = Table(Text(Name), Text(Namespace), new("status.replicas", o => Leaf(o, "status.replicas", "0"))),
        ["Event"] = Table(
            Text(Name), Text(Namespace), Text("involvedObject.kind"), Text("involvedObject.namespace"), Text("involvedObject.name"), Text("involvedObject.uid"),
            Text("involvedObject.apiVersion"), Text("involvedObject.resourceVersion"), Text("involvedObject.fieldPath"),
            Text("reason"), Text("reportingComponent"), Text("type"),
            new("source", o => Leaf(o, "source.component") is { Length: > 0 } component ? component : Leaf(o, "reportingComponent"))),
    };

    /// <summary>Names of the labels of a kind.</summary>
    public static IEnumerable<string> Of(KindInfo kind) => Labels(kind).Keys;

    /// <summary>How a label's value is read; null when the kind does not offer it.</summary>
    public static FieldLabel? Find(KindInfo kind, string name) => Labels(kind).GetValueOrDefault(name);

    /// <summary>The refusal of a label, in Kubernetes' words.</summary>
    public static string Refusal(KindInfo kind, string name) => OfKind.ContainsKey(kind.Kind)
        ? $"field label not supported: {name}"
        : $"\"{name}\" is not a known field selector: only \"{Name}\", \"{Namespace}\"";

    private static Dictionary<string, FieldLabel> Labels(KindInfo kind) => OfKind.GetValueOrDefault(kind.Kind, Any);

    private static Dictionary<string, FieldLabel> Table(params ReadOnlySpan<FieldLabel> labels) => labels.ToArray().ToDictionary(l => l.Name);

    private static FieldLabel Text(string path) => new(path, o => Leaf(o, path));

    private static FieldLabel Flag(string path) => new(path, o => Leaf(o, path, "false"));

    // Selectors compare with what decoding makes of an absent field: its type's zero.
    private static string Leaf(JsonElement node, string path, string zero = "")
    {
        foreach (var name in path.Split('.'))
        {
            if (node.ValueKind != JsonValueKind.Object || !node.TryGetProperty(name, out node))
            {
                return zero;
            }
        }

        return node.ValueKind switch
        {
            JsonValueKind.String => node.GetString()!,
            JsonValueKind.Null => zero,
            _ => node.GetRawText(),
        };
    }

    private static string Addresses(JsonElement pod) =>
        pod.TryGetProperty("status", out var status) && status.TryGetProperty("podIPs", out var all) && all.ValueKind == JsonValueKind.Array
            ? string.Join(',', all.EnumerateArray().Select(a => Leaf(a, "ip")))
            : "";
}

/// <summary>A field that selectors may name.</summary>
/// <param name="Name">As selectors write it.</param>
/// <param name="Value">Its value in an object.</param>
internal sealed record FieldLabel(string Name, Func<JsonElement, string> Value);
