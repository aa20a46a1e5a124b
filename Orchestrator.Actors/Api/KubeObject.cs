using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using k8s;

namespace Orchestrator.Actors.Api;

/// <summary>One revision of one object of any kind: its canonical JSON and the parts of metadata that generic code asks for.</summary>
/// <remarks>Immutable. <see cref="ToNode"/> gives a copy to change; <see cref="As{T}"/> a typed view for planners.</remarks>
public sealed class KubeObject
{
    private byte[]? _json;
    private Func<byte[]>? _render;
    private object? _typed;
    private object? _outline;

    private KubeObject(ResourceDefinition kind, byte[] json, JsonObject node, long? revision = null)
    {
        var meta = node["metadata"] as JsonObject ?? [];
        Kind = kind;
        _json = json;
        Weight = json.Length;
        Name = Text(meta, "name");
        Namespace = kind.Namespaced ? Text(meta, "namespace") : "";
        Uid = Text(meta, "uid");
        Revision = revision ?? (long.TryParse(Text(meta, "resourceVersion"), NumberStyles.None, CultureInfo.InvariantCulture, out var rv) ? rv : 0);
        Generation = meta["generation"].AsInt64() ?? 0;
        Labels = Map(meta["labels"]);
        Finalizers = Texts(meta["finalizers"]);
        Owners = OwnersOf(meta["ownerReferences"]);
        IsDeleting = meta["deletionTimestamp"] is not null;
        if (kind.RunsOnNodes)
        {
            NodeName = node["spec"]?["nodeName"]?.GetValue<string>();
            Phase = node["status"]?["phase"]?.GetValue<string>();
        }
    }

    // What the change leaves alone is taken over; the rest stands in the change, or, where it changes a part only, in the merged JSON.
    private KubeObject(KubeObject before, byte[] json, JsonObject delta, long revision)
    {
        var change = delta["metadata"] as JsonObject;
        var merged = change is null ? null : (JsonObject)JsonNode.Parse(json)!["metadata"]!;
        bool IsChanged(string name) => change?.ContainsKey(name) == true;
        Kind = before.Kind;
        _json = json;
        Weight = json.Length;
        (Name, Namespace, Uid, Revision) = (before.Name, before.Namespace, before.Uid, revision);
        Generation = IsChanged("generation") ? merged!["generation"].AsInt64() ?? 0 : before.Generation;
        Labels = IsChanged("labels") ? Map(merged!["labels"]) : before.Labels;
        Finalizers = IsChanged("finalizers") ? Texts(merged!["finalizers"]) : before.Finalizers;
        Owners = IsChanged("ownerReferences") ? OwnersOf(merged!["ownerReferences"]) : before.Owners;
        IsDeleting = IsChanged("deletionTimestamp") ? merged!["deletionTimestamp"] is not null : before.IsDeleting;
        if (Kind.RunsOnNodes)
        {
            NodeName = Changed(delta, "spec", "nodeName", before.NodeName);
            Phase = Changed(delta, "status", "phase", before.Phase);
        }
    }

    private KubeObject(ResourceDefinition kind, string ns, string name, string uid, long revision, Func<byte[]> render)
    {
        (Kind, Namespace, Name, Uid, Revision, _render) = (kind, ns, name, uid, revision, render);
        (Labels, Finalizers, Owners) = (FrozenDictionary<string, string>.Empty, [], []);
    }

    private KubeObject(KubeObject former, long revision)
    {
        (Kind, Namespace, Name, Uid, Revision, Generation) = (former.Kind, former.Namespace, former.Name, former.Uid, revision, former.Generation);
        (Labels, Finalizers, Owners, IsDeleting, NodeName, Phase) = (former.Labels, former.Finalizers, former.Owners, former.IsDeleting, former.NodeName, former.Phase);
        _render = () =>
        {
            var node = former.ToNode();
            node["metadata"]!["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture);
            return JsonSerializer.SerializeToUtf8Bytes(node);
        };
    }

    /// <summary>The kind's description.</summary>
    public ResourceDefinition Kind { get; }

    /// <summary>Canonical UTF-8 JSON, resourceVersion included: what a get, a list item and a watch event carry.</summary>
    public ReadOnlyMemory<byte> Json => Rendered();

    /// <summary>Bytes of JSON that it was made with; 0 when its JSON is made on demand.</summary>
    internal int Weight { get; }

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

    /// <summary>status.phase of a pod; null for the rest.</summary>
    public string? Phase { get; }

    /// <summary>Where it lives.</summary>
    public ObjectKey Key => new(Kind.Resource, Namespace, Name);

    /// <summary>The owner that controls it, if any.</summary>
    public Owner? Controller => Owners.FirstOrDefault(o => o.IsController);

    /// <summary>Reads JSON that already passed validation.</summary>
    public static KubeObject From(ResourceDefinition kind, JsonObject node) =>
        new(kind, JsonSerializer.SerializeToUtf8Bytes(node), node);

    /// <summary>The next version, under a revision; the first when there was none.</summary>
    internal static KubeObject Next(ResourceDefinition kind, KubeObject? before, JsonObject delta, long revision)
    {
        var json = JsonMergeWriter.Merge(before is null ? "{}"u8 : before.Json.Span, delta, revision.ToString(CultureInfo.InvariantCulture));
        return before is null ? new(kind, json, delta, revision) : new(before, json, delta, revision);
    }

    /// <summary>An object whose JSON is made when first asked for: most Kubernetes Events are never read. Without labels, owners and finalizers.</summary>
    internal static KubeObject Deferred(ResourceDefinition kind, string ns, string name, string uid, long revision, Func<byte[]> render) =>
        new(kind, ns, name, uid, revision, render);

    /// <summary>Reads stored bytes.</summary>
    public static KubeObject From(ResourceDefinition kind, ReadOnlySpan<byte> json) => From(kind, (JsonObject)JsonNode.Parse(json)!);

    /// <summary>A copy that may be changed.</summary>
    public JsonObject ToNode() => (JsonObject)JsonNode.Parse(Json.Span)!;

    /// <summary>The same object under another revision.</summary>
    public KubeObject At(long revision) => new(this, revision);

    /// <summary>The typed view; kept after the first call. Callers must not change it.</summary>
    public T As<T>() where T : class => (T)(_typed ??= KubernetesJson.Deserialize<T>(new MemoryStream(Rendered(), writable: false))!);

    /// <summary>Drops the typed view: a version that is history, or at rest, is rarely asked for it again.</summary>
    public void ForgetTyped() => _typed = null;

    /// <summary>A small view of it, made once. There is one type of it per kind.</summary>
    internal T Outline<T>(Func<KubeObject, T> read) where T : class => (T)(_outline ??= read(this));

    private byte[] Rendered() => Volatile.Read(ref _json) ?? Render();

    // Two readers may render at once; both get the same bytes.
    private byte[] Render()
    {
        if (Volatile.Read(ref _render) is { } render)
        {
            Volatile.Write(ref _json, render());
            Volatile.Write(ref _render, null);
        }

        return Volatile.Read(ref _json)!;
    }

    private static string Text(JsonObject meta, string name) => meta[name]?.GetValue<string>() ?? "";

    private static ImmutableArray<string> Texts(JsonNode? node) => node is JsonArray texts ? [.. texts.Select(t => t!.GetValue<string>())] : [];

    private static ImmutableArray<Owner> OwnersOf(JsonNode? node) => node is JsonArray owners ? [.. owners.OfType<JsonObject>().Select(Owner.From)] : [];

    private static string? Changed(JsonObject delta, string part, string name, string? before) => !delta.TryGetPropertyValue(part, out var change) ? before
        : change is null ? null
        : change is JsonObject o && o.TryGetPropertyValue(name, out var value) ? value?.GetValue<string>()
        : before;

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
    /// <summary>Group and version of the owner.</summary>
    public string ApiVersion { get; init; } = "";

    /// <summary>API group of the owner; empty for the core group.</summary>
    public string Group => ApiVersion.IndexOf('/') is var slash and > 0 ? ApiVersion[..slash] : "";

    internal JsonObject ToNode()
    {
        var node = new JsonObject { ["apiVersion"] = ApiVersion, ["kind"] = Kind, ["name"] = Name, ["uid"] = Uid };
        if (IsController)
        {
            node["controller"] = true;
        }

        if (Blocks)
        {
            node["blockOwnerDeletion"] = true;
        }

        return node;
    }

    internal static Owner From(JsonObject o) => new(
        o["kind"]?.GetValue<string>() ?? "", o["name"]?.GetValue<string>() ?? "", o["uid"]?.GetValue<string>() ?? "",
        o["controller"]?.GetValue<bool>() ?? false, o["blockOwnerDeletion"]?.GetValue<bool>() ?? false)
    { ApiVersion = o["apiVersion"]?.GetValue<string>() ?? "" };
}
