using System.Collections.Immutable;

namespace Orchestrator.Node.Agent.NodeSetup;

/// <summary>With what a node is registered when its agent joins for the first time (the kubelet's nodeLabels, registerWithTaints and register-schedulable). What is changed on the object later stays.</summary>
/// <param name="Labels">Labels.</param>
/// <param name="Taints">Taints: key, value, which may be empty, and effect.</param>
/// <param name="IsSchedulable">Whether it takes pods from the beginning; otherwise it is cordoned.</param>
internal sealed record NodeRegistration(ImmutableSortedDictionary<string, string> Labels, ImmutableArray<(string Key, string Value, string Effect)> Taints, bool IsSchedulable)
{
    /// <summary>With nothing of its own.</summary>
    public static readonly NodeRegistration Plain = new(ImmutableSortedDictionary<string, string>.Empty, [], true);
}
