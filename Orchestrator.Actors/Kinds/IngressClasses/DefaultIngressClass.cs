using k8s.Models;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.IngressClasses;

/// <summary>The class of Ingresses that name none (Kubernetes, "Ingress", default IngressClass).</summary>
public static class DefaultIngressClass
{
    /// <summary>Returns its name, of several that of the newest; null if there is none.</summary>
    public static string? NameIn(IAdmissionView view) => DefaultClasses.NewestOf<V1IngressClass>(view, IngressClassDefinition.Instance, IngressClassNames.IsDefault);
}
