using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>What the model classes of Pods do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class PodSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        Corev1ResourceClaim
          name required
        V1AWSElasticBlockStoreVolumeSource
          volumeID required
        V1AppArmorProfile
          type required enum=Localhost|RuntimeDefault|Unconfined
        V1AzureDiskVolumeSource
          cachingMode enum=None|ReadOnly|ReadWrite
          diskName required
          diskURI required
          kind enum=Dedicated|Managed|Shared
        V1AzureFileVolumeSource
          secretName required
          shareName required
        V1CSIVolumeSource
          driver required
        V1CephFSVolumeSource
          monitors required
        V1CinderVolumeSource
          volumeID required
        V1ClusterTrustBundleProjection
          path required
        V1ConfigMapKeySelector
          key required
        V1Container
          env list=name merge=name
          imagePullPolicy enum=Always|IfNotPresent|Never
          name required
          ports list=containerPort,protocol merge=containerPort
          terminationMessagePolicy enum=FallbackToLogsOnError|File
          volumeDevices list=devicePath merge=devicePath
          volumeMounts list=mountPath merge=mountPath
        V1ContainerExtendedResourceRequest
          containerName required
          requestName required
          resourceName required
        V1ContainerPort
          containerPort required
          protocol enum=SCTP|TCP|UDP
        V1ContainerResizePolicy
          resourceName required
          restartPolicy required
        V1ContainerRestartRuleOnExitCodes
          values set
        V1ContainerStateTerminated
          exitCode required
        V1ContainerStatus
          allocatedResourcesStatus list=name merge=name
          image required
          imageID required
          name required
          ready required
          restartCount required
          volumeMounts list=mountPath merge=mountPath
        V1DownwardAPIVolumeFile
          path required
        V1EnvVar
          name required
        V1EvictionResponder
          name required
          priority required
        V1FileKeySelector
          key required
          path required
          volumeName required
        V1FlexVolumeSource
          driver required
        V1GCEPersistentDiskVolumeSource
          pdName required
        V1GRPCAction
          mode enum=Plaintext|TLS
          port required
        V1GitRepoVolumeSource
          repository required
        V1GlusterfsVolumeSource
          endpoints required
          path required
        V1HTTPGetAction
          port required
          protocol enum=HTTP1|HTTP2
          scheme enum=HTTP|HTTPS
        V1HTTPHeader
          name required
          value required
        V1HostAlias
          ip required
        V1HostIP
          ip required
        V1HostPathVolumeSource
          path required
          type enum=BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket
        V1ISCSIVolumeSource
          iqn required
          lun required
          targetPortal required
        V1ImageVolumeSource
          pullPolicy enum=Always|IfNotPresent|Never
        V1KeyToPath
          key required
          path required
        V1LinuxContainerUser
          gid required
          uid required
        V1NFSVolumeSource
          path required
          server required
        V1NodeAllocatableMappedResources
          name required
          quantity required
        V1NodeAllocatableOverheadResources
          name required
        V1NodeAllocatableResourceClaimStatus
          containers set
          mapping list=name merge=name
          overhead list=name merge=name
          resourceClaimName required
        V1NodeSelector
          nodeSelectorTerms required
        V1NodeSelectorRequirement
          key required
          operator required enum=DoesNotExist|Exists|Gt|In|Lt|NotIn
        V1ObjectFieldSelector
          fieldPath required
        V1PersistentVolumeClaimSpec
          accessModes enum=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
          volumeMode enum=Block|Filesystem
        V1PersistentVolumeClaimTemplate
          spec required
        V1PersistentVolumeClaimVolumeSource
          claimName required
        V1PhotonPersistentDiskVolumeSource
          pdID required
        V1PodAffinityTerm
          topologyKey required
        V1PodCondition
          status required
          type required
        V1PodExtendedResourceClaimStatus
          requestMappings required
          resourceClaimName required
        V1PodIP
          ip required
        V1PodOS
          name required
        V1PodReadinessGate
          conditionType required
        V1PodResourceClaim
          name required
        V1PodResourceClaimStatus
          name required
        V1PodSchedulingGate
          name required
        V1PodSecurityContext
          fsGroupChangePolicy enum=Always|OnRootMismatch
          supplementalGroupsPolicy enum=Merge|Strict
        V1PodSpec
          containers required list=name merge=name
          dnsPolicy enum=ClusterFirst|ClusterFirstWithHostNet|Default|None
          ephemeralContainers list=name merge=name
          evictionResponders list=name merge=name
          hostAliases list=ip merge=ip
          imagePullSecrets list=name merge=name
          initContainers list=name merge=name
          preemptionPolicy enum=Never|PreemptLowerPriority
          resourceClaims list=name merge=name retainKeys
          restartPolicy enum=Always|Never|OnFailure
          schedulingGates list=name merge=name
          topologySpreadConstraints list=topologyKey,whenUnsatisfiable merge=topologyKey
          volumes list=name merge=name retainKeys
        V1PodStatus
          conditions list=type merge=type
          hostIPs merge=ip
          nodeAllocatableResourceClaimStatuses list=resourceClaimName merge=resourceClaimName
          phase enum=Failed|Pending|Running|Succeeded|Unknown
          podIPs list=ip merge=ip
          qosClass enum=BestEffort|Burstable|Guaranteed
          resourceClaimStatuses list=name merge=name retainKeys
          volumeHealth list=name
        V1PodVolumeHealth
          healthConditions list=status,reason merge=status
          name required
        V1PortworxVolumeSource
          volumeID required
        V1PreferredSchedulingTerm
          preference required
          weight required
        V1QuobyteVolumeSource
          registry required
          volume required
        V1RBDVolumeSource
          image required
          monitors required
        V1ResourceFieldSelector
          resource required
        V1ResourceHealth
          resourceID required
        V1ResourceRequirements
          claims list=name
        V1ResourceStatus
          name required
          resources list=resourceID
        V1ScaleIOVolumeSource
          gateway required
          secretRef required
          system required
        V1SeccompProfile
          type required enum=Localhost|RuntimeDefault|Unconfined
        V1SecretKeySelector
          key required
        V1SecurityContext
          procMount enum=Default|Unmasked
        V1ServiceAccountTokenProjection
          path required
        V1SleepAction
          seconds required
        V1Sysctl
          name required
          value required
        V1TCPSocketAction
          port required
        V1Toleration
          effect enum=NoExecute|NoSchedule|PreferNoSchedule
          operator enum=Equal|Exists|Gt|Lt
        V1TopologySpreadConstraint
          maxSkew required
          nodeAffinityPolicy enum=Honor|Ignore
          nodeTaintsPolicy enum=Honor|Ignore
          topologyKey required
          whenUnsatisfiable required enum=DoNotSchedule|ScheduleAnyway
        V1TypedLocalObjectReference
          kind required
          name required
        V1TypedObjectReference
          kind required
          name required
        V1Volume
          name required
        V1VolumeDevice
          devicePath required
          name required
        V1VolumeHealthCondition
          reason required
          status required enum=DataLoss|Degraded|Inaccessible
        V1VolumeMount
          bindMountOptions set
          mountPath required
          mountPropagation enum=Bidirectional|HostToContainer|None
          name required
        V1VolumeMountStatus
          mountPath required
          name required
        V1VsphereVirtualDiskVolumeSource
          volumePath required
        V1WeightedPodAffinityTerm
          podAffinityTerm required
          weight required
        """);
}
