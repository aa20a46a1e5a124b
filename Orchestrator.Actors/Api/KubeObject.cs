using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;

namespace Orchestrator.Actors.Api;

/// <summary>One revision of one object of any kind: its canonical JSON and the parts of metadata that generic code asks for.</summary>
/// <remarks>Immutable. <see cref="ToNode"/> gives a copy to change; <see cref="As{T}"/> a typed view for planners.</remarks>
public sealed class KubeObject
{
    private object? _typed;

    private KubeObject(KindInfo kind, byte[] json, JsonObject node)
    {
        var meta = node["metadata"] as JsonObject ?? [];
        Kind = kind;
        Json = json;
        Name = Text(meta, "name");
        Namespace = kind.Namespaced ? Text(meta, "namespace") : "";
        Uid = Text(meta, "uid");
        Revision = long.TryParse(Text(meta, "resourceVersion"), NumberStyles.None, CultureInfo.InvariantCulture, out var rv) ? rv : 0;
        Generation = meta["generation"].AsInt64() ?? 0;
        Labels = Map(meta["labels"]);
        Finalizers = meta["finalizers"] is JsonArray f ? [.. f.Select(x => x!.GetValue<string>())] : [];
        Owners = meta["ownerReferences"] is JsonArray o ? [.. o.OfType<JsonObject>().Select(Owner.From)] : [];
        IsDeleting = meta["deletionTimestamp"] is not null;
        NodeName = kind == Kinds.Pod ? node["spec"]?["nodeName"]?.GetValue<string>() : null;
    }

    /// <summary>The kind's description.</summary>
    public KindInfo Kind { get; }

    /// <summary>Canonical UTF-8 JSON, resourceVersion included: what a get, a list item and a watch event carry.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>metadata.name.</summary>
    public string Name { get; }

    /// <summary>metadata.namespace, empty for cluster-scoped kinds.</summary>
    public string Namespace { get; }

    /// <summary>metadata.uid: the incarnation.</summary>
    public string Uid { get; }

    /// <summary>metadata.resourceVersion as the journal's order; 0 before the first commit.</summary>
    public long Revision { get; }

    /// <summary>metadata.generation.</summary>
    public long Generation { get; }

    /// <summary>metadata.labels.</summary>
    public FrozenDictionary<string, string> Labels { get; }

    /// <summary>metadata.finalizers.</summary>
    public ImmutableArray<string> Finalizers { get; }

    /// <summary>metadata.ownerReferences.</summary>
    public ImmutableArray<Owner> Owners { get; }

    /// <summary>Whether metadata.deletionTimestamp is set.</summary>
    public bool IsDeleting { get; }

    /// <summary>spec.nodeName of a bound pod; null for the rest.</summary>
    public string? NodeName { get; }

    /// <summary>Where it lives.</summary>
    public ObjectKey Key => new(Kind.Resource, Namespace, Name);

    /// <summary>The owner that controls it, if any.</summary>
    public Owner? Controller => Owners.FirstOrDefault(o => o.IsController);

    /// <summary>Reads JSON that already passed validation.</summary>
    public static KubeObject From(KindInfo kind, JsonObject node) =>
        new(kind, JsonSerializer.SerializeToUtf8Bytes(node), node);

    /// <summary>Reads stored bytes.</summary>
    public static KubeObject From(KindInfo kind, ReadOnlySpan<byte> json) => From(kind, (JsonObject)JsonNode.Parse(json)!);

    /// <summary>A copy that may be changed.</summary>
    public JsonObject ToNode() => (JsonObject)JsonNode.Parse(Json.Span)!;

    /// <summary>The same object under another revision.</summary>
    public KubeObject At(long revision)
    {
        var node = ToNode();
        node["metadata"]!["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture);
        return From(Kind, node);
    }

    /// <summary>The typed view; kept after the first call. Callers must not change it.</summary>
    public T As<T>() where T : class => (T)(_typed ??= KubernetesJson.Deserialize<T>(new MemoryStream(Json.ToArray()))!);

    private static string Text(JsonObject meta, string name) => meta[name]?.GetValue<string>() ?? "";

    private static FrozenDictionary<string, string> Map(JsonNode? node) => node is JsonObject map
        ? map.ToFrozenDictionary(p => p.Key, p => p.Value?.GetValue<string>() ?? "")
        : FrozenDictionary<string, string>.Empty;
}

/// <summary>An entry of metadata.ownerReferences; matched by uid, never by name.</summary>
/// <param name="Kind">Kind of the owner.</param>
/// <param name="Name">Name of the owner.</param>
/// <param name="Uid">Uid of the owner.</param>
/// <param name="IsController">Whether it is the managing controller.</param>
/// <param name="Blocks">blockOwnerDeletion.</param>
public sealed record Owner(string Kind, string Name, string Uid, bool IsController, bool Blocks)
{
    internal static Owner From(JsonObject o) => new(
        o["kind"]?.GetValue<string>() ?? "", o["name"]?.GetValue<string>() ?? "", o["uid"]?.GetValue<string>() ?? "",
        o["controller"]?.GetValue<bool>() ?? false, o["blockOwnerDeletion"]?.GetValue<bool>() ?? false);
}
