using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.PersistentVolumes;

/// <summary>What the model classes of PersistentVolumes do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class PersistentVolumeSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1AzureFilePersistentVolumeSource
          secretName required
          shareName required
        V1CSIPersistentVolumeSource
          driver required
          volumeHandle required
        V1CephFSPersistentVolumeSource
          monitors required
        V1CinderPersistentVolumeSource
          volumeID required
        V1FlexPersistentVolumeSource
          driver required
        V1GlusterfsPersistentVolumeSource
          endpoints required
          path required
        V1ISCSIPersistentVolumeSource
          iqn required
          lun required
          targetPortal required
        V1LocalVolumeSource
          path required
        V1PersistentVolumeSpec
          accessModes enum=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
          persistentVolumeReclaimPolicy enum=Delete|Recycle|Retain
          volumeMode enum=Block|Filesystem
        V1PersistentVolumeStatus
          phase enum=Available|Bound|Failed|Pending|Released
        V1RBDPersistentVolumeSource
          image required
          monitors required
        V1ScaleIOPersistentVolumeSource
          gateway required
          secretRef required
          system required
        """);
}
