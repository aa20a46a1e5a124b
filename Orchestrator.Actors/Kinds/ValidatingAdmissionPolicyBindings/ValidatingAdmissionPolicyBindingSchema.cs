using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.ValidatingAdmissionPolicyBindings;

/// <summary>What the model classes of ValidatingAdmissionPolicyBindings do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class ValidatingAdmissionPolicyBindingSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1ValidatingAdmissionPolicyBindingSpec
          validationActions set enum=Audit|Deny|Warn
        """);
}
