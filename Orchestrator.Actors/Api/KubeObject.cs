using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using k8s;

namespace Orchestrator.Actors.Api;

/// <summary>One revision of an object of any kind: its canonical JSON and the metadata that generic code uses.</summary>
/// <remarks>Immutable. <see cref="ToNode"/> returns a copy that may be modified, <see cref="As{T}"/> a typed view.</remarks>
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
        References = kind.References is { } references ? [.. references(node)] : [];
        if (kind.RunsOnNodes)
        {
            NodeName = node["spec"]?["nodeName"]?.GetValue<string>();
            Phase = node["status"]?["phase"]?.GetValue<string>();
        }
    }

    // Reuses properties that the delta does not change. Others are read from the delta, or from the merged JSON if it changes them in part.
    private KubeObject(ResourceDefinition kind, KubeObject before, byte[] json, JsonObject delta, long revision)
    {
        var change = delta["metadata"] as JsonObject;
        var whole = change is null ? null : (JsonObject)JsonNode.Parse(json)!;
        var merged = whole?["metadata"];
        bool IsChanged(string name) => change?.ContainsKey(name) == true;
        Kind = kind;
        _json = json;
        Weight = json.Length;
        (Name, Namespace, Uid, Revision) = (before.Name, before.Namespace, before.Uid, revision);
        Generation = IsChanged("generation") ? merged!["generation"].AsInt64() ?? 0 : before.Generation;
        Labels = IsChanged("labels") ? Map(merged!["labels"]) : before.Labels;
        Finalizers = IsChanged("finalizers") ? Texts(merged!["finalizers"]) : before.Finalizers;
        Owners = IsChanged("ownerReferences") ? OwnersOf(merged!["ownerReferences"]) : before.Owners;
        IsDeleting = IsChanged("deletionTimestamp") ? merged!["deletionTimestamp"] is not null : before.IsDeleting;
        References = kind.References is { } references && (IsChanged("annotations") || NamesOthers(delta["spec"]))
            ? [.. references(whole ?? (JsonObject)JsonNode.Parse(json)!)] : before.References;
        if (Kind.RunsOnNodes)
        {
            NodeName = Changed(delta, "spec", "nodeName", before.NodeName);
            Phase = Changed(delta, "status", "phase", before.Phase);
        }
    }

    private KubeObject(ResourceDefinition kind, string ns, string name, string uid, long revision, Func<byte[]> render)
    {
        (Kind, Namespace, Name, Uid, Revision, _render) = (kind, ns, name, uid, revision, render);
        (Labels, Finalizers, Owners, References) = (FrozenDictionary<string, string>.Empty, [], [], []);
    }

    private KubeObject(KubeObject former, ResourceDefinition kind, long revision)
    {
        (Kind, Namespace, Name, Uid, Revision, Generation) = (kind, former.Namespace, former.Name, former.Uid, revision, former.Generation);
        (Labels, Finalizers, Owners, References) = (former.Labels, former.Finalizers, former.Owners, former.References);
        (IsDeleting, NodeName, Phase) = (former.IsDeleting, former.NodeName, former.Phase);
        if (revision == former.Revision)
        {
            (_json, Weight) = (former.Rendered(), former.Weight);
            return;
        }

        _render = () =>
        {
            var node = former.ToNode();
            node["metadata"]!["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture);
            return JsonSerializer.SerializeToUtf8Bytes(node);
        };
    }

    /// <summary>The definition of the kind.</summary>
    public ResourceDefinition Kind { get; }

    /// <summary>Canonical UTF-8 JSON with resourceVersion, as returned by get, list and watch.</summary>
    public ReadOnlyMemory<byte> Json => Rendered();

    /// <summary>Size of the JSON in bytes; 0 if it is created on demand.</summary>
    internal int Weight { get; }

    /// <summary>metadata.name.</summary>
    public string Name { get; }

    /// <summary>metadata.namespace, empty for cluster-scoped kinds.</summary>
    public string Namespace { get; }

    /// <summary>metadata.uid. A re-created object has a new one.</summary>
    public string Uid { get; }

    /// <summary>metadata.resourceVersion, the position in the journal; 0 before the first commit.</summary>
    public long Revision { get; }

    /// <summary>metadata.generation.</summary>
    public long Generation { get; }

    /// <summary>metadata.labels.</summary>
    public FrozenDictionary<string, string> Labels { get; }

    /// <summary>metadata.finalizers.</summary>
    public ImmutableArray<string> Finalizers { get; }

    /// <summary>metadata.ownerReferences.</summary>
    public ImmutableArray<Owner> Owners { get; }

    /// <summary>Other objects that it names and is concerned by; see <see cref="ResourceDefinition.References"/>.</summary>
    public ImmutableArray<ObjectKey> References { get; }

    /// <summary>Whether metadata.deletionTimestamp is set.</summary>
    public bool IsDeleting { get; }

    /// <summary>spec.nodeName of a bound pod; null otherwise.</summary>
    public string? NodeName { get; }

    /// <summary>status.phase of a pod; null otherwise.</summary>
    public string? Phase { get; }

    /// <summary>Resource, namespace and name.</summary>
    public ObjectKey Key => new(Kind.Resource, Namespace, Name);

    /// <summary>The managing controller; null if there is none.</summary>
    public Owner? Controller => Owners.FirstOrDefault(o => o.IsController);

    /// <summary>Creates an object from JSON that passed validation.</summary>
    public static KubeObject From(ResourceDefinition kind, JsonObject node) =>
        new(kind, JsonSerializer.SerializeToUtf8Bytes(node), node);

    /// <summary>Creates the version after a change.</summary>
    internal static KubeObject Next(ResourceDefinition kind, KubeObject? before, JsonObject delta, long revision)
    {
        var json = JsonMergeWriter.Merge(before is null ? "{}"u8 : before.Json.Span, delta, revision.ToString(CultureInfo.InvariantCulture));
        return before is null ? new(kind, json, delta, revision) : new(kind, before, json, delta, revision);
    }

    /// <summary>Creates an object without labels, owners and finalizers whose JSON is created at first use, because most Events are never read.</summary>
    internal static KubeObject Deferred(ResourceDefinition kind, string ns, string name, string uid, long revision, Func<byte[]> render) =>
        new(kind, ns, name, uid, revision, render);

    /// <summary>Creates an object from stored bytes.</summary>
    public static KubeObject From(ResourceDefinition kind, ReadOnlySpan<byte> json) => From(kind, (JsonObject)JsonNode.Parse(json)!);

    /// <summary>Creates an object from bytes that <see cref="Json"/> returned. The object keeps them.</summary>
    internal static KubeObject Stored(ResourceDefinition kind, byte[] json) => new(kind, json, (JsonObject)JsonNode.Parse(json)!);

    /// <summary>Returns a copy that may be modified.</summary>
    public JsonObject ToNode() => (JsonObject)JsonNode.Parse(Json.Span)!;

    /// <summary>Returns the same object under a definition that changed.</summary>
    internal KubeObject Under(ResourceDefinition kind) => kind == Kind ? this : new(this, kind, Revision);

    /// <summary>Returns the same object with another revision.</summary>
    public KubeObject At(long revision) => new(this, Kind, revision);

    /// <summary>Returns the object as its model class. The model is cached and shared; do not modify it.</summary>
    public T As<T>() where T : class => (T)(_typed ??= KubernetesJson.Deserialize<T>(new MemoryStream(Rendered(), writable: false))!);

    /// <summary>Frees the cached model of a version that is unlikely to be read again.</summary>
    public void ForgetTyped() => _typed = null;

    /// <summary>Returns a small view of the object, cached. Each kind has one type of outline.</summary>
    internal T Outline<T>(Func<KubeObject, T> read) where T : class => (T)(_outline ??= read(this));

    private byte[] Rendered() => Volatile.Read(ref _json) ?? Render();

    // Concurrent calls are harmless: they return equal bytes.
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

    // Each pod is bound once, and its node is no reason to read it anew.
    private static bool NamesOthers(JsonNode? spec) => spec is JsonObject changed && changed.Any(field => field.Key != "nodeName");

    private static FrozenDictionary<string, string> Map(JsonNode? node) => node is JsonObject map
        ? map.ToFrozenDictionary(p => p.Key, p => p.Value?.GetValue<string>() ?? "")
        : FrozenDictionary<string, string>.Empty;
}

/// <summary>An entry of metadata.ownerReferences; matched by uid, never by name.</summary>
/// <param name="Kind">Kind of the owner.</param>
/// <param name="Name">Name of the owner.</param>
/// <param name="Uid">Uid of the owner.</param>
/// <param name="IsController">Whether the owner is the managing controller.</param>
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
