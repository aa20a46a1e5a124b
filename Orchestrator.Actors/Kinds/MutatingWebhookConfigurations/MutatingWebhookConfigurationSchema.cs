using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.MutatingWebhookConfigurations;

/// <summary>What the model classes of MutatingWebhookConfigurations do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class MutatingWebhookConfigurationSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        Admissionregistrationv1ServiceReference
          name required
          namespace required
        V1MatchCondition
          expression required
          name required
        V1MutatingWebhook
          admissionReviewVersions required
          clientConfig required
          failurePolicy enum=Fail|Ignore
          matchConditions list=name merge=name
          matchPolicy enum=Equivalent|Exact
          name required
          reinvocationPolicy enum=IfNeeded|Never
          sideEffects required enum=None|NoneOnDryRun|Some|Unknown
        V1MutatingWebhookConfiguration
          webhooks list=name merge=name
        V1RuleWithOperations
          operations enum=*|CONNECT|CREATE|DELETE|UPDATE
        """);
}
