using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>What agents need to know to serve Ingresses, beside services. Pure.</summary>
internal static class IngressSelection
{
    /// <summary>The Ingresses of the cluster's own classes, and the Secrets with a certificate that they name.</summary>
    public static IEnumerable<KubeObject> Of(IAdmissionView view)
    {
        var ours = view.All(IngressDefinition.Instance).Where(i => IngressReferences.IsOurs(i, view)).ToList();
        var secrets = ours.SelectMany(i => i.References).Where(r => r.Resource == SecretDefinition.Instance.Resource).Distinct().Select(view.Find).OfType<KubeObject>();
        return ours.Concat(secrets.Where(s => TlsCertificate.IsIn(s.As<V1Secret>())));
    }
}
