using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>What a service uses of quotas: ports of nodes and load balancers (Kubernetes, "Resource Quotas", object count quota).</summary>
internal static class ServiceQuotaUsage
{
    /// <summary>Returns what a service uses.</summary>
    public static ObjectUsage Of(KubeObject service)
    {
        var spec = service.As<V1Service>().Spec;
        var ports = spec?.Ports ?? [];
        return spec?.Type switch
        {
            "NodePort" => new ObjectUsage(new ResourceAmounts { ["services.nodeports"] = Quantity.Of(ports.Count) }),
            "LoadBalancer" => new ObjectUsage(new ResourceAmounts
            {
                ["services.loadbalancers"] = Quantity.Of(1),
                ["services.nodeports"] = Quantity.Of(spec.AllocateLoadBalancerNodePorts == false ? ports.Count(p => p.NodePort > 0) : ports.Count),
            }),
            _ => ObjectUsage.None,
        };
    }
}
