using System.Collections.Frozen;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.ResourceQuotas;

/// <summary>The names of what a quota can bound (Kubernetes, "Resource Quotas"). Pure.</summary>
internal static class QuotaResources
{
    /// <summary>Beginning of the name of the number of objects of any kind, such as <c>count/deployments.apps</c>.</summary>
    public const string Count = "count/";

    private const string OfClass = ".storageclass.storage.k8s.io/";

    // Kinds of the core group whose number has a short name too.
    private static readonly FrozenSet<string> ShortCounts =
        FrozenSet.Create("configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas", "secrets", "services");

    private static readonly FrozenSet<string> Compute = FrozenSet.Create("cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory");

    /// <summary>Whether a name without a prefix is one that Kubernetes knows.</summary>
    public static bool IsStandard(string name) => ShortCounts.Contains(name) || Compute.Contains(name)
        || name is "pods" or "services.nodeports" or "services.loadbalancers"
        || name is "requests.storage" or "ephemeral-storage" or "requests.ephemeral-storage" or "limits.ephemeral-storage"
        || name.StartsWith("hugepages-", StringComparison.Ordinal) || name.StartsWith("requests.hugepages-", StringComparison.Ordinal);

    /// <summary>Whether amounts are numbers of things.</summary>
    public static bool IsWhole(string name) => ShortCounts.Contains(name) || name is "pods" or "services.nodeports" or "services.loadbalancers"
        || (name.Contains('/', StringComparison.Ordinal) && !name.EndsWith(OfClass + "requests.storage", StringComparison.Ordinal));

    /// <summary>Whether a quota with a scope can bound a resource.</summary>
    public static bool IsInScope(string scope, string name) => !IsStandard(name) || name == "pods" || (scope != "BestEffort" && Compute.Contains(name));

    /// <summary>The kind whose objects use a resource, by its name in the registry.</summary>
    public static string KindOf(string name) => name.StartsWith(Count, StringComparison.Ordinal) ? name[Count.Length..]
        : ShortCounts.Contains(name) ? name
        : name.StartsWith("services.", StringComparison.Ordinal) ? "services"
        : name == "requests.storage" || name.Contains(OfClass, StringComparison.Ordinal) ? "persistentvolumeclaims"
        : "pods";

    /// <summary>The names of the number of objects of a kind.</summary>
    public static IEnumerable<string> CountsOf(ResourceDefinition kind) =>
        ShortCounts.Contains(kind.Resource) ? [Count + kind.Resource, kind.Resource] : [Count + kind.Resource];
}
