using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Schema;

/// <summary>The type of a value.</summary>
public enum SchemaType
{
    /// <summary>Any value; not checked.</summary>
    Any,

    /// <summary>A JSON object with known fields.</summary>
    Object,

    /// <summary>A JSON object with arbitrary keys whose values have one schema.</summary>
    Map,

    /// <summary>A JSON array whose items have one schema.</summary>
    Array,

    /// <summary>A string.</summary>
    Text,

    /// <summary>A base64 string.</summary>
    Bytes,

    /// <summary>An RFC 3339 timestamp.</summary>
    Time,

    /// <summary>An RFC 3339 timestamp with microseconds.</summary>
    MicroTime,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A 32-bit integer.</summary>
    Int32,

    /// <summary>A 64-bit integer.</summary>
    Int64,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A 32-bit integer or a string.</summary>
    IntOrString,

    /// <summary>A quantity such as 100m or 2Gi.</summary>
    Quantity,
}

/// <summary>A structural schema (Kubernetes, "Specifying a structural schema").
/// The schema of a built-in kind is made from its model classes and the facts in its folder, that of a custom kind from its document.</summary>
public sealed class SchemaNode
{
    private readonly Lazy<FrozenDictionary<string, SchemaField>> _fields;

    /// <param name="type">The type of the value.</param>
    /// <param name="fields">Makes the fields of an object on first use, because a schema may contain itself.</param>
    public SchemaNode(SchemaType type, Func<IEnumerable<SchemaField>>? fields = null)
    {
        Type = type;
        _fields = new(() => (fields?.Invoke() ?? []).ToFrozenDictionary(f => f.Name, StringComparer.Ordinal));
    }

    /// <summary>The type of the value.</summary>
    public SchemaType Type { get; }

    /// <summary>The fields of an object, by name.</summary>
    public FrozenDictionary<string, SchemaField> Fields => _fields.Value;

    /// <summary>The schema of the items of an array or of the values of a map.</summary>
    public SchemaNode? Items { get; init; }

    /// <summary>Whether fields that the schema does not know are kept (<c>x-kubernetes-preserve-unknown-fields</c>).</summary>
    public bool PreservesUnknownFields { get; init; }

    /// <summary>Whether the items of an array are unique (<c>x-kubernetes-list-type: set</c>).</summary>
    public bool IsSet { get; init; }

    /// <summary>The fields that identify an item of an array (<c>x-kubernetes-list-map-keys</c>).</summary>
    public ImmutableArray<string> Keys { get; init; } = [];

    /// <summary>The known values of a string of a model class, for documentation. The strategy of the kind validates them.</summary>
    public ImmutableArray<string> Values { get; init; } = [];

    /// <summary>The model class of an object; null for other values.</summary>
    public Type? Model { get; init; }

    /// <summary>The document that the schema was read from; null for a model class. Must not be changed.</summary>
    public JsonObject? Document { get; init; }

    /// <summary>Accepts any value.</summary>
    public static readonly SchemaNode Any = new(SchemaType.Any);
}

/// <summary>A field of an object.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Value">Schema of its value.</param>
public sealed record SchemaField(string Name, SchemaNode Value)
{
    /// <summary>Whether it must be set.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether a strategic merge patch merges the list instead of replacing it.</summary>
    public bool Merges { get; init; }

    /// <summary>The field by which the items of a list merge; null for a list of values.</summary>
    public string? MergeKey { get; init; }

    /// <summary>Whether a strategic merge patch can remove all fields that it does not name (<c>retainKeys</c>).</summary>
    public bool RetainsKeys { get; init; }

    /// <summary>Its description in a document; null for a field of a model class.</summary>
    public string? Description { get; init; }

    /// <summary>The name of the model class's property; null for a field of a document.</summary>
    public string? Property { get; init; }
}
