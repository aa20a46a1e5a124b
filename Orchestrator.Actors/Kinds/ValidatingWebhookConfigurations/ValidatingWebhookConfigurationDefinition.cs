using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ValidatingWebhookConfigurations;

/// <summary>ValidatingWebhookConfigurations.</summary>
public static class ValidatingWebhookConfigurationDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "admissionregistration.k8s.io",
        Kind = "ValidatingWebhookConfiguration",
        Plural = "validatingwebhookconfigurations",
        Namespaced = false,
        Model = typeof(V1ValidatingWebhookConfiguration),
        Facts = ValidatingWebhookConfigurationSchema.Facts,
        Categories = ["api-extensions"],
        Columns = [Column.Name, Column.Count("Webhooks", "webhooks"), Column.Age],
        Support = Support.Refused("webhooks and policies are not called yet, and a rule that is kept without effect would promise protection that there is not"),
    };
}
