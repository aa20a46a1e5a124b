using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.CustomResourceDefinitions;

/// <summary>What the model classes of CustomResourceDefinitions do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class CustomResourceDefinitionSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        Apiextensionsv1ServiceReference
          name required
          namespace required
        V1CustomResourceColumnDefinition
          jsonPath required
          name required
          type required
        V1CustomResourceConversion
          strategy required
        V1CustomResourceDefinition
          spec required
        V1CustomResourceDefinitionCondition
          status required
          type required
        V1CustomResourceDefinitionNames
          kind required
          plural required
        V1CustomResourceDefinitionSpec
          group required
          names required
          scope required
          versions required
        V1CustomResourceDefinitionStatus
          conditions list=type
        V1CustomResourceDefinitionVersion
          name required
          served required
          storage required
        V1CustomResourceSubresourceScale
          specReplicasPath required
          statusReplicasPath required
        V1JSONSchemaProps
          x-kubernetes-validations list=rule merge=rule
        V1SelectableField
          jsonPath required
        V1ValidationRule
          reason enum=FieldValueDuplicate|FieldValueForbidden|FieldValueInvalid|FieldValueRequired
          rule required
        V1WebhookConversion
          conversionReviewVersions required
        """);
}
