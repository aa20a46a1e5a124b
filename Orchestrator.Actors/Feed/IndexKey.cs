using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Feed;

/// <summary>A key of the cache's indexes, by which controllers find objects without a scan.</summary>
public readonly record struct IndexKey
{
    private IndexKey(string relation, string value) => (Relation, Value) = (relation, value);

    private string Relation { get; }

    private string Value { get; }

    /// <summary>Objects with an ownerReference of this uid.</summary>
    public static IndexKey Owner(string uid) => new("owner", uid);

    /// <summary>Pods bound to a node.</summary>
    public static IndexKey Node(string name) => new("node", name);

    /// <summary>Objects of a resource that no controller owns.</summary>
    public static IndexKey Orphans(ResourceDefinition kind, string ns) => new(kind.Resource, ns);

    /// <summary>Objects that name an object, whether it exists or not.</summary>
    public static IndexKey Reference(ObjectKey named) => new("reference", named.PersistenceId);

    /// <summary>Everything in a namespace.</summary>
    public static IndexKey Namespace(string ns) => new("namespace", ns);

    /// <inheritdoc/>
    public override string ToString() => $"{Relation}/{Value}";

    internal static IEnumerable<IndexKey> Of(KubeObject o)
    {
        foreach (var owner in o.Owners)
        {
            yield return Owner(owner.Uid);
        }

        if (o.NodeName is { Length: > 0 } node)
        {
            yield return Node(node);
        }

        if (o.Kind.IsAdoptable && o.Controller is null)
        {
            yield return Orphans(o.Kind, o.Namespace);
        }

        foreach (var named in o.References)
        {
            yield return Reference(named);
        }

        if (o.Namespace.Length > 0)
        {
            yield return Namespace(o.Namespace);
        }
    }

    /// <summary>Whether two versions of an object have the same keys.</summary>
    internal static bool SameFor(KubeObject before, KubeObject after) => before.Owners == after.Owners && before.NodeName == after.NodeName && before.References == after.References;
}
