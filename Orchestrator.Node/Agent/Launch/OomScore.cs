using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>How soon the kernel kills a container when the memory of the node is short (Kubernetes, "Node-pressure Eviction", out of memory behavior). Pure.</summary>
internal static class OomScore
{
    private const int Guaranteed = -997;
    private const int BestEffort = 1000;

    /// <summary>The adjustment of a container's processes.</summary>
    /// <param name="spec">Spec of the pod.</param>
    /// <param name="container">The container.</param>
    /// <param name="nodeMemory">Memory of the node in bytes; 0 if it is not known.</param>
    public static int Of(V1PodSpec spec, V1Container container, long nodeMemory)
    {
        switch (QosClass.Of(spec))
        {
            case "Guaranteed":
                return Guaranteed;
            case "BestEffort":
                return BestEffort;
        }

        // The more of the node it requests, the later: but never as late as Guaranteed ones, nor later than BestEffort ones.
        var request = container.Resources?.Requests?.TryGetValue("memory", out var memory) == true ? memory.ToDecimal() : 0m;
        var score = nodeMemory <= 0 ? BestEffort - 1 : (int)Math.Max(0, BestEffort - (BestEffort * request / nodeMemory));
        return Math.Clamp(score, BestEffort + Guaranteed, BestEffort - 1);
    }
}
