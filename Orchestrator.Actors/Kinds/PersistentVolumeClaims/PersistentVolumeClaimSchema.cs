using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.PersistentVolumeClaims;

/// <summary>What the model classes of PersistentVolumeClaims do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class PersistentVolumeClaimSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1ModifyVolumeStatus
          status required enum=InProgress|Infeasible|Pending
        V1PersistentVolumeClaimCondition
          status required
          type required
        V1PersistentVolumeClaimStatus
          accessModes enum=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
          conditions list=type merge=type
          phase enum=Bound|Lost|Pending
        V1VolumeHealthStatus
          healthConditions list=status,reason merge=status
        """);
}
