using System.Collections.Immutable;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Resources;

/// <summary>What an object uses of the quotas of its namespace, besides that it is one object of its kind (Kubernetes, "Resource Quotas"). Equal objects may share one.</summary>
/// <param name="amounts">By the names that quotas have, such as <c>requests.cpu</c>.</param>
internal sealed class ObjectUsage(ResourceAmounts amounts)
{
    /// <summary>Of an object that uses nothing else.</summary>
    public static readonly ObjectUsage None = new(new ResourceAmounts());

    /// <summary>By the names that quotas have.</summary>
    public ResourceAmounts Amounts => amounts;

    /// <summary>The scopes that the object is in, such as <c>BestEffort</c>. Null if scopes do not apply to its kind: a quota with scopes does not count it.</summary>
    public ImmutableArray<string>? Scopes { get; init; }

    /// <summary>Its priority class, for the scope <c>PriorityClass</c>; empty for none.</summary>
    public string PriorityClass { get; init; } = "";

    /// <summary>By resource, the containers that must say how much of it they use if a quota bounds it, and do not.</summary>
    public ImmutableSortedDictionary<string, string> Lacking { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
