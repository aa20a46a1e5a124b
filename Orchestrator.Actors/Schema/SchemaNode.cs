using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Schema;

/// <summary>What a value is.</summary>
public enum SchemaType
{
    /// <summary>Any value; nothing of it is checked.</summary>
    Any,

    /// <summary>A JSON object with known fields.</summary>
    Object,

    /// <summary>A JSON object with any names, whose values are alike.</summary>
    Map,

    /// <summary>A JSON array whose items are alike.</summary>
    Array,

    /// <summary>A text.</summary>
    Text,

    /// <summary>Bytes as base64.</summary>
    Bytes,

    /// <summary>A moment as RFC 3339 writes it.</summary>
    Time,

    /// <summary>A moment with microseconds.</summary>
    MicroTime,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A whole number of 32 bits.</summary>
    Int32,

    /// <summary>A whole number of 64 bits.</summary>
    Int64,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A whole number of 32 bits, or a text.</summary>
    IntOrString,

    /// <summary>An amount such as 100m or 2Gi.</summary>
    Quantity,
}

/// <summary>A structural schema: what a value may be, and what its parts may be (Kubernetes, "Specifying a structural schema").
/// That of a kind built in comes from its model classes and the facts in its folder; that of any other kind from a document.</summary>
public sealed class SchemaNode
{
    private readonly Lazy<FrozenDictionary<string, SchemaField>> _fields;

    /// <param name="type">What the value is.</param>
    /// <param name="fields">Makes the fields of an object when they are first asked for: a schema may contain itself.</param>
    public SchemaNode(SchemaType type, Func<IEnumerable<SchemaField>>? fields = null)
    {
        Type = type;
        _fields = new(() => (fields?.Invoke() ?? []).ToFrozenDictionary(f => f.Name, StringComparer.Ordinal));
    }

    /// <summary>What the value is.</summary>
    public SchemaType Type { get; }

    /// <summary>The fields of an object, by name.</summary>
    public FrozenDictionary<string, SchemaField> Fields => _fields.Value;

    /// <summary>What each item of an array, or each value of a map, is.</summary>
    public SchemaNode? Items { get; init; }

    /// <summary>Whether fields that the schema does not know are kept (<c>x-kubernetes-preserve-unknown-fields</c>).</summary>
    public bool PreservesUnknownFields { get; init; }

    /// <summary>Whether the items of an array are unique (<c>x-kubernetes-list-type: set</c>).</summary>
    public bool IsSet { get; init; }

    /// <summary>The fields that identify an item of an array (<c>x-kubernetes-list-map-keys</c>).</summary>
    public ImmutableArray<string> Keys { get; init; } = [];

    /// <summary>The known values of a text of a model class: shown to readers. Which of them an object may have is the strategy's to say.</summary>
    public ImmutableArray<string> Values { get; init; } = [];

    /// <summary>The model class that an object is; null for others.</summary>
    public Type? Model { get; init; }

    /// <summary>The document that the schema was read from; null for that of a model class. Not to be changed.</summary>
    public JsonObject? Document { get; init; }

    /// <summary>A schema that takes anything.</summary>
    public static readonly SchemaNode Any = new(SchemaType.Any);
}

/// <summary>A field of an object.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Value">What its value may be.</param>
public sealed record SchemaField(string Name, SchemaNode Value)
{
    /// <summary>Whether it must be set.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether a strategic merge patch merges the list instead of replacing it.</summary>
    public bool Merges { get; init; }

    /// <summary>The field by which the items of a list merge; null for a list of values.</summary>
    public string? MergeKey { get; init; }

    /// <summary>Whether a strategic merge patch may say which members stay.</summary>
    public bool RetainsKeys { get; init; }

    /// <summary>What a document says of it; null for a field of a model class.</summary>
    public string? Description { get; init; }

    /// <summary>The name of the model class's property; null for a field of a document.</summary>
    public string? Property { get; init; }
}
