using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Orchestrator.Actors.Resources;

/// <summary>The kinds that this cluster serves: the built-in ones, and those that were registered at run time.</summary>
public static class ResourceRegistry
{
    private static readonly Lock Gate = new();
    private static volatile Tables _tables = new(BuiltIn.All);

    /// <summary>Every kind served, the built-in ones first.</summary>
    public static ImmutableArray<ResourceDefinition> All => _tables.All;

    /// <summary>Every definition under which objects are served: all kinds, and the views of them.</summary>
    public static IEnumerable<ResourceDefinition> Served => _tables.All.Concat(BuiltIn.Views);

    /// <summary>The definition of a path's parts, such as <c>autoscaling</c>, <c>v1</c> and <c>horizontalpodautoscalers</c>; null when it is not served.</summary>
    public static ResourceDefinition? ByPath(string group, string version, string plural) =>
        ByResource(group, plural) is { } kind && kind.Version == version ? kind
        : BuiltIn.Views.FirstOrDefault(v => v.Plural == plural && v.Version == version && v.Group == group);

    /// <summary>The kind of <c>pods</c> or <c>deployments.apps</c>; null when it is not served.</summary>
    public static ResourceDefinition? ByResource(string resource) => _tables.Resources.GetValueOrDefault(resource);

    /// <summary>The kind by its path parts, such as <c>apps</c> and <c>deployments</c>.</summary>
    public static ResourceDefinition? ByResource(string group, string plural) => ByResource(group.Length == 0 ? plural : $"{plural}.{group}");

    /// <summary>The kind by its group and name, whatever the version; null when it is not served.</summary>
    public static ResourceDefinition? ByGroupKind(string group, string kind) => _tables.Kinds.GetValueOrDefault((group, kind));

    /// <summary>The kind by the two fields every manifest has.</summary>
    public static ResourceDefinition? ByKind(string apiVersion, string kind) =>
        ByGroupKind(apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion.Split('/')[0] : "", kind) is { } found && found.ApiVersion == apiVersion ? found : null;

    /// <summary>Serves another kind, in place of one of its resource that was registered before.</summary>
    /// <exception cref="ArgumentException">A built-in kind has the resource or the name.</exception>
    public static void Register(ResourceDefinition kind)
    {
        if (BuiltIn.All.Any(b => b.Resource == kind.Resource || (b.Group == kind.Group && b.Kind == kind.Kind)))
        {
            throw new ArgumentException($"{kind.Resource} is built in", nameof(kind));
        }

        lock (Gate)
        {
            _tables = new Tables([.. All.Where(k => k.Resource != kind.Resource), kind]);
        }
    }

    /// <summary>Serves a kind no more; its objects stay in the journal.</summary>
    public static void Unregister(string resource)
    {
        lock (Gate)
        {
            _tables = new Tables([.. All.Where(k => k.Resource != resource || BuiltIn.All.Contains(k))]);
        }
    }

    private sealed class Tables(ImmutableArray<ResourceDefinition> all)
    {
        public ImmutableArray<ResourceDefinition> All => all;

        public FrozenDictionary<string, ResourceDefinition> Resources { get; } = all.ToFrozenDictionary(k => k.Resource);

        public FrozenDictionary<(string, string), ResourceDefinition> Kinds { get; } = all.ToFrozenDictionary(k => (k.Group, k.Kind));
    }
}
