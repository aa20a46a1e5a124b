using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.NodePorts;

/// <summary>NodePorts: each reserves a port of all nodes for one service. Its name is the number, so that there is one. Clients do not see them (Kubernetes: RangeAllocation, which is not
/// served either).</summary>
public static class NodePortDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "internal.orchestrator.io",
        Kind = "NodePort",
        Plural = "nodeports",
        Namespaced = false,
        IsServed = false,
        Verbs = [],
        References = ParentRef.Of,
    };
}
