using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>What the model classes of Jobs do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class JobSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1JobCondition
          status required
          type required
        V1JobSchedulingConfiguration
          resourceClaims list=name merge=name
        V1JobSpec
          completionMode enum=Indexed|NonIndexed
          podReplacementPolicy enum=Failed|TerminatingOrFailed
          template required
        V1JobStatus
          conditions merge=type
        V1PodFailurePolicy
          rules required
        V1PodFailurePolicyOnExitCodesRequirement
          operator required enum=In|NotIn
          values required set
        V1PodFailurePolicyOnPodConditionsPattern
          type required
        V1PodFailurePolicyRule
          action required enum=Count|FailIndex|FailJob|Ignore
        V1SuccessPolicy
          rules required
        V1UncountedTerminatedPods
          failed set
          succeeded set
        V1alpha3TopologyConstraint
          key required
        V1alpha3WorkloadPodGroupResourceClaim
          name required
        """);
}
