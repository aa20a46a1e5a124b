using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.FlowSchemas;

/// <summary>What the model classes of FlowSchemas do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class FlowSchemaSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        Flowcontrolv1Subject
          kind required
        V1FlowDistinguisherMethod
          type required
        V1FlowSchemaSpec
          priorityLevelConfiguration required
        V1FlowSchemaStatus
          conditions list=type merge=type
        V1GroupSubject
          name required
        V1NonResourcePolicyRule
          nonResourceURLs required set
          verbs required set
        V1PolicyRulesWithSubjects
          subjects required
        V1PriorityLevelConfigurationReference
          name required
        V1ResourcePolicyRule
          apiGroups required set
          namespaces set
          resources required set
          verbs required set
        V1ServiceAccountSubject
          name required
          namespace required
        V1UserSubject
          name required
        """);
}
