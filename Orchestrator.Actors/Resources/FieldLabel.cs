using System.Text.Json;

namespace Orchestrator.Actors.Resources;

/// <summary>A field that selectors may name.</summary>
/// <param name="Name">As selectors write it.</param>
/// <param name="Value">Its value in an object.</param>
public sealed record FieldLabel(string Name, Func<JsonElement, string> Value)
{
    /// <summary>What every kind offers.</summary>
    public static readonly FieldLabel ObjectName = Text("metadata.name");

    /// <summary>What every kind with a namespace offers.</summary>
    public static readonly FieldLabel ObjectNamespace = Text("metadata.namespace");

    /// <summary>A text; absent is empty.</summary>
    public static FieldLabel Text(string path) => new(path, o => Leaf(o, path));

    /// <summary>A number; absent is 0.</summary>
    public static FieldLabel Number(string path) => new(path, o => Leaf(o, path, "0"));

    /// <summary>A boolean; absent is false.</summary>
    public static FieldLabel Flag(string path) => new(path, o => Leaf(o, path, "false"));

    /// <summary>How a label's value is read; null when the kind does not offer it.</summary>
    public static FieldLabel? Find(ResourceDefinition kind, string name) => Of(kind).FirstOrDefault(l => l.Name == name);

    /// <summary>Names of the labels of a kind.</summary>
    public static IEnumerable<FieldLabel> Of(ResourceDefinition kind) => kind.Namespaced ? [ObjectName, ObjectNamespace, .. kind.FieldLabels] : [ObjectName, .. kind.FieldLabels];

    /// <summary>The refusal of a label, in Kubernetes' words.</summary>
    public static string Refusal(ResourceDefinition kind, string name) => kind.FieldLabels.Length > 0
        ? $"field label not supported: {name}"
        : $"\"{name}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"";

    /// <summary>A value as selectors compare it: what decoding makes of an absent field is its type's zero.</summary>
    public static string Leaf(JsonElement node, string path, string zero = "")
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
}
