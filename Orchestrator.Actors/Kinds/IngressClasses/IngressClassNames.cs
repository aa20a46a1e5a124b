namespace Orchestrator.Actors.Kinds.IngressClasses;

/// <summary>Names around the classes of Ingresses (Kubernetes, "Well-Known Labels, Annotations and Taints").</summary>
public static class IngressClassNames
{
    /// <summary>The controller of the classes whose Ingresses the nodes of this cluster serve themselves.</summary>
    public const string Controller = "orchestrator.io/ingress";

    /// <summary>On the class of Ingresses that name none.</summary>
    public const string IsDefault = "ingressclass.kubernetes.io/is-default-class";

    /// <summary>The class of an Ingress, as it was written before there was a field.</summary>
    public const string FormerAnnotation = "kubernetes.io/ingress.class";

    /// <summary>Annotation of the namespace <c>kube-system</c> which says that the cluster's own class was made, so that one that somebody deleted does not come back.</summary>
    public const string MadeAnnotation = "orchestrator.io/default-ingress-class";
}
