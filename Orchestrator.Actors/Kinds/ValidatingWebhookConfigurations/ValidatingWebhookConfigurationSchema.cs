using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.ValidatingWebhookConfigurations;

/// <summary>What the model classes of ValidatingWebhookConfigurations do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class ValidatingWebhookConfigurationSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1ValidatingWebhook
          admissionReviewVersions required
          clientConfig required
          failurePolicy enum=Fail|Ignore
          matchConditions list=name merge=name
          matchPolicy enum=Equivalent|Exact
          name required
          sideEffects required enum=None|NoneOnDryRun|Some|Unknown
        V1ValidatingWebhookConfiguration
          webhooks list=name merge=name
        """);
}
