using System.Text.Json;

namespace Orchestrator.Actors.Resources;

/// <summary>A field that field selectors can match.</summary>
/// <param name="Name">Name in a selector, such as <c>status.phase</c>.</param>
/// <param name="Value">Reads the value from an object.</param>
public sealed record FieldLabel(string Name, Func<JsonElement, string> Value)
{
    /// <summary>Supported by every kind.</summary>
    public static readonly FieldLabel ObjectName = Text("metadata.name");

    /// <summary>Supported by every namespaced kind.</summary>
    public static readonly FieldLabel ObjectNamespace = Text("metadata.namespace");

    /// <summary>A string field. An absent field matches the empty string.</summary>
    public static FieldLabel Text(string path) => new(path, o => Leaf(o, path));

    /// <summary>A number field. An absent field matches 0.</summary>
    public static FieldLabel Number(string path) => new(path, o => Leaf(o, path, "0"));

    /// <summary>A boolean field. An absent field matches false.</summary>
    public static FieldLabel Flag(string path) => new(path, o => Leaf(o, path, "false"));

    /// <summary>Finds a field label by name; null if the kind does not support it.</summary>
    public static FieldLabel? Find(ResourceDefinition kind, string name) => Of(kind).FirstOrDefault(l => l.Name == name);

    /// <summary>The field labels that a kind supports.</summary>
    public static IEnumerable<FieldLabel> Of(ResourceDefinition kind) => kind.Namespaced ? [ObjectName, ObjectNamespace, .. kind.FieldLabels] : [ObjectName, .. kind.FieldLabels];

    /// <summary>The error message for an unsupported field label, worded as in Kubernetes.</summary>
    public static string Refusal(ResourceDefinition kind, string name) => kind.FieldLabels.Length > 0
        ? $"field label not supported: {name}"
        : $"\"{name}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"";

    /// <summary>Returns the string that selectors compare. For an absent field it is the zero value of the type, as in Kubernetes.</summary>
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
