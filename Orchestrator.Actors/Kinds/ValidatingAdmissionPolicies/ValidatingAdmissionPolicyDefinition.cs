using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ValidatingAdmissionPolicies;

/// <summary>ValidatingAdmissionPolicies.</summary>
public static class ValidatingAdmissionPolicyDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "admissionregistration.k8s.io",
        Kind = "ValidatingAdmissionPolicy",
        Plural = "validatingadmissionpolicies",
        Namespaced = false,
        Model = typeof(V1ValidatingAdmissionPolicy),
        Facts = ValidatingAdmissionPolicySchema.Facts,
        Subresources = ["status"],
        Categories = ["api-extensions"],
        Columns =
        [
            Column.Name,
            Column.Count("Validations", "spec.validations"),
            Column.Field("ParamKind", "spec.paramKind.kind", "<unset>"),
            Column.Age,
        ],
        Support = Support.Refused("webhooks and policies are not called yet, and a rule that is kept without effect would promise protection that there is not"),
    };
}
