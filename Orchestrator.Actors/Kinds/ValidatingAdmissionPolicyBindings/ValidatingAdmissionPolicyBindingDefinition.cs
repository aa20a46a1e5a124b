using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ValidatingAdmissionPolicyBindings;

/// <summary>ValidatingAdmissionPolicyBindings.</summary>
public static class ValidatingAdmissionPolicyBindingDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "admissionregistration.k8s.io",
        Kind = "ValidatingAdmissionPolicyBinding",
        Plural = "validatingadmissionpolicybindings",
        Namespaced = false,
        Model = typeof(V1ValidatingAdmissionPolicyBinding),
        Facts = ValidatingAdmissionPolicyBindingSchema.Facts,
        Categories = ["api-extensions"],
        Columns =
        [
            Column.Name,
            Column.Field("PolicyName", "spec.policyName"),
            Column.Field("ParamRef", "spec.paramRef.name", "<unset>"),
            Column.Age,
        ],
        Support = Support.Refused("webhooks and policies are not called yet, and a rule that is kept without effect would promise protection that there is not"),
    };
}
