using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Orchestrator.Actors.Resources;

/// <summary>The kinds that this cluster serves.</summary>
public static class ResourceRegistry
{
    private static readonly Tables Known = new(BuiltIn.All);

    /// <summary>Every kind served.</summary>
    public static ImmutableArray<ResourceDefinition> All => Known.All;

    /// <summary>Every definition under which objects are served: all kinds, and the views of them.</summary>
    public static IEnumerable<ResourceDefinition> Served => Known.All.Concat(BuiltIn.Views);

    /// <summary>The definition of a path's parts, such as <c>autoscaling</c>, <c>v1</c> and <c>horizontalpodautoscalers</c>; null when it is not served.</summary>
    public static ResourceDefinition? ByPath(string group, string version, string plural) =>
        ByResource(group, plural) is { } kind && kind.Version == version ? kind
        : BuiltIn.Views.FirstOrDefault(v => v.Plural == plural && v.Version == version && v.Group == group);

    /// <summary>The kind of <c>pods</c> or <c>deployments.apps</c>; null when it is not served.</summary>
    public static ResourceDefinition? ByResource(string resource) => Known.Resources.GetValueOrDefault(resource);

    /// <summary>The kind by its path parts, such as <c>apps</c> and <c>deployments</c>.</summary>
    public static ResourceDefinition? ByResource(string group, string plural) => ByResource(group.Length == 0 ? plural : $"{plural}.{group}");

    /// <summary>The kind by its group and name, whatever the version; null when it is not served.</summary>
    public static ResourceDefinition? ByGroupKind(string group, string kind) => Known.Kinds.GetValueOrDefault((group, kind));

    /// <summary>The kind by the two fields every manifest has.</summary>
    public static ResourceDefinition? ByKind(string apiVersion, string kind) =>
        ByGroupKind(apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion.Split('/')[0] : "", kind) is { } found && found.ApiVersion == apiVersion ? found : null;

    private sealed class Tables(ImmutableArray<ResourceDefinition> all)
    {
        public ImmutableArray<ResourceDefinition> All => all;

        public FrozenDictionary<string, ResourceDefinition> Resources { get; } = all.ToFrozenDictionary(k => k.Resource);

        public FrozenDictionary<(string, string), ResourceDefinition> Kinds { get; } = all.ToFrozenDictionary(k => (k.Group, k.Kind));
    }
}
