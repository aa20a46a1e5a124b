using System.Collections.Frozen;
using System.Collections.Immutable;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Resources;

/// <summary>A kind with every version under which its objects are served.</summary>
/// <param name="Stored">The kind as its objects are stored.</param>
/// <param name="Views">Its other groups and versions.</param>
public sealed record ServedKind(ResourceDefinition Stored, ImmutableArray<ResourceDefinition> Views);

/// <summary>The kinds that a host serves: those built in, and those that objects in the journal define (<see cref="ResourceDefinition.Defines"/>).
/// An object that defines a kind is older than the objects of the kind, so whoever reads the journal in order and reports each object to
/// <see cref="Take"/> knows every kind before it meets it. Safe for use by several threads.</summary>
public sealed class ResourceRegistry
{
    private readonly Lock _gate = new();
    private volatile Tables _tables = new(ImmutableSortedDictionary<string, ServedKind>.Empty, 0);

    /// <summary>Every kind, as it is stored.</summary>
    public ImmutableArray<ResourceDefinition> All => _tables.All;

    /// <summary>Every definition under which objects are served: all kinds and their views.</summary>
    public ImmutableArray<ResourceDefinition> Served => _tables.Served;

    /// <summary>Rises whenever a kind is added, changed or removed.</summary>
    public long Version => _tables.Version;

    /// <summary>The definition of a path's parts, such as <c>autoscaling</c>, <c>v1</c> and <c>horizontalpodautoscalers</c>; null if it is not served.</summary>
    public ResourceDefinition? ByPath(string group, string version, string plural) => _tables.Paths.GetValueOrDefault((group, version, plural));

    /// <summary>The kind of <c>pods</c> or <c>deployments.apps</c>; null if it is not served.</summary>
    public ResourceDefinition? ByResource(string resource) => _tables.Resources.GetValueOrDefault(resource);

    /// <summary>The kind of the parts of a path, such as <c>apps</c> and <c>deployments</c>; null if it is not served.</summary>
    public ResourceDefinition? ByResource(string group, string plural) => ByResource(group.Length == 0 ? plural : $"{plural}.{group}");

    /// <summary>The kind of a group and a kind's name in any version; null if it is not served.</summary>
    public ResourceDefinition? ByGroupKind(string group, string kind) => _tables.Kinds.GetValueOrDefault((group, kind));

    /// <summary>The key of the owner that a reference names: beside the dependent, or in the cluster if the owner's kind has no namespace.</summary>
    /// <param name="owner">The reference.</param>
    /// <param name="ns">Namespace of the dependent; empty if it has none.</param>
    /// <returns>Null if there can be no such owner: its kind is not served, or it would need a namespace.</returns>
    public ObjectKey? KeyOf(Owner owner, string ns) => ByGroupKind(owner.Group, owner.Kind) is { } kind && (!kind.Namespaced || ns.Length > 0) ? kind.Key(ns, owner.Name) : null;

    /// <summary>Learns the kind that an object defines, or forgets it when the object is gone. Other objects are ignored.</summary>
    /// <param name="before">The object before the change; null if it is new.</param>
    /// <param name="after">The object after it; null if it is gone.</param>
    public void Take(KubeObject? before, KubeObject? after)
    {
        if ((after ?? before) is not { Kind.Defines: { } define } item)
        {
            return;
        }

        lock (_gate)
        {
            // What is built in cannot be defined anew.
            var kind = after is null ? null : define(after);
            var isFree = kind is not null && !BuiltIn.All.Any(k => k.Resource == kind.Stored.Resource || (k.Group, k.Kind) == (kind.Stored.Group, kind.Stored.Kind));
            _tables = new(isFree ? _tables.Defined.SetItem(item.Name, kind!) : _tables.Defined.Remove(item.Name), _tables.Version + 1);
        }
    }

    private sealed class Tables
    {
        public Tables(ImmutableSortedDictionary<string, ServedKind> defined, long version)
        {
            (Defined, Version) = (defined, version);
            All = [.. BuiltIn.All, .. defined.Values.Select(k => k.Stored)];
            Served = [.. All, .. BuiltIn.Views, .. defined.Values.SelectMany(k => k.Views)];
            Resources = All.ToFrozenDictionary(k => k.Resource);
            Kinds = All.ToFrozenDictionary(k => (k.Group, k.Kind));
            Paths = Served.ToFrozenDictionary(k => (k.Group, k.Version, k.Plural));
        }

        public ImmutableSortedDictionary<string, ServedKind> Defined { get; }

        public long Version { get; }

        public ImmutableArray<ResourceDefinition> All { get; }

        public ImmutableArray<ResourceDefinition> Served { get; }

        public FrozenDictionary<string, ResourceDefinition> Resources { get; }

        public FrozenDictionary<(string Group, string Kind), ResourceDefinition> Kinds { get; }

        public FrozenDictionary<(string Group, string Version, string Plural), ResourceDefinition> Paths { get; }
    }
}
