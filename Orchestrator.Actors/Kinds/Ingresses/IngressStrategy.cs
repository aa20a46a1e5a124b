using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.IngressClasses;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>Rules of Ingresses (Kubernetes, "Ingress").</summary>
internal sealed class IngressStrategy : ResourceStrategy
{
    // Kubernetes' admission plugin DefaultIngressClass.
    public override string? Admit(JsonObject o, IAdmissionView view)
    {
        if (o["spec"] is JsonObject spec && spec["ingressClassName"] is null && FormerClass(o) is null && DefaultIngressClass.NameIn(view) is { } usual)
        {
            spec["ingressClassName"] = usual;
        }

        return null;
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        if (o["spec"] is JsonObject spec)
        {
            IngressValidation.Validate(spec, errors);
        }
        else
        {
            errors.Required("spec");
        }

        if (FormerClass(o) is { } former && (string?)o["spec"]?["ingressClassName"] is { } name && name != former)
        {
            errors.Invalid($"metadata.annotations[{IngressClassNames.FormerAnnotation}]", former, "must match `ingressClassName` when both are specified");
        }
    }

    private static string? FormerClass(JsonObject o) => (string?)o["metadata"]?["annotations"]?[IngressClassNames.FormerAnnotation];
}
