using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Feed;

/// <summary>The index keys of the cache: what planners ask for without a scan.</summary>
public static class IndexKeys
{
    /// <summary>Objects with an ownerReference of this uid.</summary>
    public static string Owner(string uid) => $"owner/{uid}";

    /// <summary>Pods bound to a node.</summary>
    public static string Node(string name) => $"node/{name}";

    /// <summary>Objects of a resource that no controller owns.</summary>
    public static string Orphans(KindInfo kind, string ns) => $"orphans/{kind.Resource}/{ns}";

    /// <summary>Everything in a namespace.</summary>
    public static string Namespace(string ns) => $"namespace/{ns}";

    internal static IEnumerable<string> Of(KubeObject o)
    {
        foreach (var owner in o.Owners)
        {
            yield return Owner(owner.Uid);
        }

        if (o.NodeName is { Length: > 0 } node)
        {
            yield return Node(node);
        }

        if (o.Controller is null && (o.Kind == Kinds.Pod || o.Kind == Kinds.ReplicaSet))
        {
            yield return Orphans(o.Kind, o.Namespace);
        }

        if (o.Namespace.Length > 0 && o.Kind != Kinds.Event)
        {
            yield return Namespace(o.Namespace);
        }
    }
}
