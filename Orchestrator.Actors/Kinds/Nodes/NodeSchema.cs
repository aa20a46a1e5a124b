using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>What the model classes of Nodes do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class NodeSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1AttachedVolume
          devicePath required
          name required
        V1ConfigMapNodeConfigSource
          kubeletConfigKey required
          name required
          namespace required
        V1DaemonEndpoint
          Port required
        V1NodeAddress
          address required
          type required
        V1NodeCondition
          status required
          type required
        V1NodePodPreemptionPolicy
          disableResizePreemption set
        V1NodeSpec
          podCIDRs set merge
        V1NodeStatus
          addresses list=type merge=type
          conditions list=type merge=type
          phase enum=Pending|Running|Terminated
        V1NodeSystemInfo
          architecture required
          bootID required
          containerRuntimeVersion required
          kernelVersion required
          kubeProxyVersion required
          kubeletVersion required
          machineID required
          operatingSystem required
          osImage required
          systemUUID required
        V1Taint
          effect required enum=NoExecute|NoSchedule|PreferNoSchedule
          key required
        """);
}
