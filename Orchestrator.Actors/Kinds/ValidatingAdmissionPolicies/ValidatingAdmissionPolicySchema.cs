using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.ValidatingAdmissionPolicies;

/// <summary>What the model classes of ValidatingAdmissionPolicies do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class ValidatingAdmissionPolicySchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1AuditAnnotation
          key required
          valueExpression required
        V1ExpressionWarning
          fieldRef required
          warning required
        V1MatchResources
          matchPolicy enum=Equivalent|Exact
        V1ValidatingAdmissionPolicySpec
          failurePolicy enum=Fail|Ignore
          matchConditions list=name merge=name
          variables list=name merge=name
        V1ValidatingAdmissionPolicyStatus
          conditions list=type
        V1Validation
          expression required
        V1Variable
          expression required
          name required
        """);
}
