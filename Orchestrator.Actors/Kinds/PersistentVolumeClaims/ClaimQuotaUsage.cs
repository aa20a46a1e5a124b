using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.PersistentVolumeClaims;

/// <summary>What a claim uses of quotas: storage, also of its class (Kubernetes, "Resource Quotas", storage resource quota).</summary>
internal static class ClaimQuotaUsage
{
    /// <summary>Returns what a claim uses.</summary>
    public static ObjectUsage Of(KubeObject claim)
    {
        var spec = claim.As<V1PersistentVolumeClaim>().Spec;
        var amounts = new ResourceAmounts();
        var isKnown = ResourceAmounts.Read(spec?.Resources?.Requests).TryGetValue("storage", out var storage);
        if (isKnown)
        {
            amounts["requests.storage"] = storage;
        }

        if (spec?.StorageClassName is { Length: > 0 } name)
        {
            amounts[$"{name}.storageclass.storage.k8s.io/persistentvolumeclaims"] = Quantity.Of(1);
            if (isKnown)
            {
                amounts[$"{name}.storageclass.storage.k8s.io/requests.storage"] = storage;
            }
        }

        return new ObjectUsage(amounts);
    }
}
