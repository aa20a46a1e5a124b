using System.Collections.Immutable;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ResourceQuotas;

/// <summary>Whether a quota counts an object, by its scopes (Kubernetes, "Resource Quotas", quota scopes). Pure.</summary>
internal static class QuotaScopes
{
    /// <summary>The scope whose values are priority classes.</summary>
    public const string PriorityClass = "PriorityClass";

    /// <summary>The scopes that quotas can have.</summary>
    public static readonly ImmutableArray<string> All = ["BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", PriorityClass, "Terminating"];

    /// <summary>Whether the quota counts an object.</summary>
    /// <param name="quota">The spec of the quota. All its scopes must match.</param>
    /// <param name="scopes">The scopes that the object is in; null if scopes do not apply to it.</param>
    /// <param name="priorityClass">Its priority class; empty for none.</param>
    public static bool Match(V1ResourceQuotaSpec? quota, IReadOnlyCollection<string>? scopes, string priorityClass)
    {
        var terms = (quota?.Scopes ?? []).Select(s => new V1ScopedResourceSelectorRequirement { ScopeName = s, OperatorProperty = "Exists" })
            .Concat(quota?.ScopeSelector?.MatchExpressions ?? []);
        return terms.All(t => scopes is not null && Match(t, scopes, priorityClass));
    }

    private static bool Match(V1ScopedResourceSelectorRequirement term, IReadOnlyCollection<string> scopes, string priorityClass)
    {
        if (term.ScopeName != PriorityClass)
        {
            return scopes.Contains(term.ScopeName);
        }

        var isListed = term.Values?.Contains(priorityClass) == true;
        return term.OperatorProperty switch
        {
            "In" => priorityClass.Length > 0 && isListed,
            "NotIn" => !isListed,
            "DoesNotExist" => priorityClass.Length == 0,
            _ => priorityClass.Length > 0,
        };
    }
}
