using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.MutatingWebhookConfigurations;

/// <summary>MutatingWebhookConfigurations.</summary>
public static class MutatingWebhookConfigurationDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "admissionregistration.k8s.io",
        Kind = "MutatingWebhookConfiguration",
        Plural = "mutatingwebhookconfigurations",
        Namespaced = false,
        Model = typeof(V1MutatingWebhookConfiguration),
        Facts = MutatingWebhookConfigurationSchema.Facts,
        Categories = ["api-extensions"],
        Columns = [Column.Name, Column.Count("Webhooks", "webhooks"), Column.Age],
        Support = Support.Refused("webhooks and policies are not called yet, and a rule that is kept without effect would promise protection that there is not"),
    };
}
