using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.NetworkPolicies;

/// <summary>NetworkPolicies.</summary>
public static class NetworkPolicyDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "networking.k8s.io",
        Kind = "NetworkPolicy",
        Plural = "networkpolicies",
        Model = typeof(V1NetworkPolicy),
        Facts = NetworkPolicySchema.Facts,
        ShortNames = ["netpol"],
        Columns = [Column.Name, Column.Labels("Pod-Selector", "spec.podSelector.matchLabels", isWide: false), Column.Age],
        Strategy = new NetworkPolicyStrategy(),
    };
}
