using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using k8s;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>What all containers of a pod ask for and may use together: the greater of what its containers need and what any init container needs
/// beside the sidecars that run by then (Kubernetes, "Init Containers", and "Sidecar Containers"). Pure.</summary>
internal static class PodResources
{
    /// <summary>Returns requests and limits, without overhead.</summary>
    /// <param name="spec">The spec of a valid pod.</param>
    public static (ResourceAmounts Requests, ResourceAmounts Limits) Of(JsonObject spec) => Of(KubernetesJson.Deserialize<V1PodSpec>(spec.ToJsonString()));

    /// <summary>Returns requests and limits, without overhead.</summary>
    public static (ResourceAmounts Requests, ResourceAmounts Limits) Of(V1PodSpec spec) =>
        (Total(spec, c => ResourceAmounts.Read(c.Resources?.Requests)), Total(spec, c => ResourceAmounts.Read(c.Resources?.Limits)));

    private static ResourceAmounts Total(V1PodSpec spec, Func<V1Container, ResourceAmounts> of)
    {
        var (running, peak) = (new ResourceAmounts(), new ResourceAmounts());
        foreach (var init in spec.InitContainers ?? [])
        {
            var amounts = of(init);
            amounts.Add(running);
            peak.RaiseTo(amounts);
            if (init.IsSidecar())
            {
                running.Add(of(init));
            }
        }

        foreach (var container in spec.Containers)
        {
            running.Add(of(container));
        }

        running.RaiseTo(peak);
        return running;
    }
}
