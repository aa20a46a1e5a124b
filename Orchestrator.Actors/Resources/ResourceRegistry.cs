using System.Collections.Frozen;
using System.Collections.Immutable;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Resources;

/// <summary>A kind with all definitions under which it is served.</summary>
/// <param name="Stored">The definition under which objects are stored.</param>
/// <param name="Views">Further groups and versions.</param>
public sealed record ServedKind(ResourceDefinition Stored, ImmutableArray<ResourceDefinition> Views);

/// <summary>The kinds that a host serves: the built-in kinds, and those that stored objects define (<see cref="ResourceDefinition.Defines"/>).
/// An object that defines a kind precedes the objects of that kind in the journal, so a reader that passes each object to
/// <see cref="Take"/> in journal order knows every kind in time. Thread-safe.</summary>
public sealed class ResourceRegistry
{
    private readonly Lock _gate = new();
    private volatile Tables _tables = new(ImmutableSortedDictionary<string, ServedKind>.Empty, 0);

    /// <summary>The stored definition of every kind.</summary>
    public ImmutableArray<ResourceDefinition> All => _tables.All;

    /// <summary>All definitions under which objects are served, including views.</summary>
    public ImmutableArray<ResourceDefinition> Served => _tables.Served;

    /// <summary>Increases when a kind is added, changed or removed.</summary>
    public long Version => _tables.Version;

    /// <summary>Finds a definition by the segments of a path, such as <c>autoscaling</c>, <c>v1</c> and <c>horizontalpodautoscalers</c>; null if not served.</summary>
    public ResourceDefinition? ByPath(string group, string version, string plural) => _tables.Paths.GetValueOrDefault((group, version, plural));

    /// <summary>Finds a kind by its resource, such as <c>pods</c> or <c>deployments.apps</c>; null if it is not served.</summary>
    public ResourceDefinition? ByResource(string resource) => _tables.Resources.GetValueOrDefault(resource);

    /// <summary>Finds a kind by group and plural, such as <c>apps</c> and <c>deployments</c>; null if it is not served.</summary>
    public ResourceDefinition? ByResource(string group, string plural) => ByResource(group.Length == 0 ? plural : $"{plural}.{group}");

    /// <summary>Finds a kind by group and kind, such as <c>apps</c> and <c>Deployment</c>; null if it is not served.</summary>
    public ResourceDefinition? ByGroupKind(string group, string kind) => _tables.Kinds.GetValueOrDefault((group, kind));

    /// <summary>Returns the key of an owner: in the namespace of the dependent, or without one if the owner is cluster-scoped.</summary>
    /// <param name="owner">The owner reference.</param>
    /// <param name="ns">Namespace of the dependent; empty for cluster-scoped dependents.</param>
    /// <returns>Null if the owner's kind is not served, or is namespaced while the dependent is cluster-scoped.</returns>
    public ObjectKey? KeyOf(Owner owner, string ns) => ByGroupKind(owner.Group, owner.Kind) is { } kind && (!kind.Namespaced || ns.Length > 0) ? kind.Key(ns, owner.Name) : null;

    /// <summary>Adds or updates the kind that an object defines, and removes it when the object is deleted. Ignores other objects.</summary>
    /// <param name="before">The object before the change; null if it is new.</param>
    /// <param name="after">The object after the change; null if it was deleted.</param>
    public void Take(KubeObject? before, KubeObject? after)
    {
        if ((after ?? before) is not { Kind.Defines: { } define } item)
        {
            return;
        }

        lock (_gate)
        {
            var defined = _tables.Defined;
            if (after is null)
            {
                defined = defined.Remove(item.Name);
            }
            else if (define(after) is { } kind && IsFree(kind, item.Name))
            {
                // An object that defines nothing for the moment leaves the kind as it was: its objects are still there.
                defined = defined.SetItem(item.Name, kind);
            }

            if (defined != _tables.Defined)
            {
                _tables = new(defined, _tables.Version + 1);
            }
        }
    }

    // Whether no other kind has its name or its resource. Built-in kinds cannot be redefined.
    private bool IsFree(ServedKind kind, string by) => !BuiltIn.All.Concat(BuiltIn.Views)
        .Concat(_tables.Defined.Where(d => d.Key != by).SelectMany(d => d.Value.Views.Prepend(d.Value.Stored)))
        .Any(o => (o.Group, o.Kind) == (kind.Stored.Group, kind.Stored.Kind) || (o.Group, o.Plural) == (kind.Stored.Group, kind.Stored.Plural));

    private sealed class Tables
    {
        public Tables(ImmutableSortedDictionary<string, ServedKind> defined, long version)
        {
            (Defined, Version) = (defined, version);
            All = [.. BuiltIn.All, .. defined.Values.Select(k => k.Stored)];
            Served = [.. All.Where(k => k.IsServed), .. BuiltIn.Views, .. defined.Values.SelectMany(k => k.Views)];
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
