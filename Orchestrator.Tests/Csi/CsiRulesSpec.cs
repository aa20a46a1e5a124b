using k8s.Models;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent.Csi;
using Orchestrator.Node.Agent.Csi.Wire;
using Mode = Orchestrator.Node.Agent.Csi.Wire.VolumeCapability.Types.AccessMode.Types.Mode;

namespace Orchestrator.Tests.Csi;

/// <summary>What drivers are told, and what becomes of what they answer.</summary>
public sealed class CsiRulesSpec
{
    [Theory]
    [InlineData("ReadWriteOnce", false, nameof(Mode.SingleNodeWriter))]
    [InlineData("ReadWriteOnce", true, nameof(Mode.SingleNodeMultiWriter))]
    [InlineData("ReadWriteOncePod", false, nameof(Mode.SingleNodeWriter))]
    [InlineData("ReadWriteOncePod", true, nameof(Mode.SingleNodeSingleWriter))]
    [InlineData("ReadOnlyMany", true, nameof(Mode.MultiNodeReaderOnly))]
    [InlineData("ReadWriteMany", false, nameof(Mode.MultiNodeMultiWriter))]
    [InlineData(null, false, nameof(Mode.SingleNodeWriter))]
    public void An_access_mode_is_said_in_the_words_of_the_driver(string? mode, bool knowsWriters, string said) => Assert.Equal(said, CsiMount.ModeOf(mode, knowsWriters).ToString());

    [Theory]
    [InlineData("None", "ext4", "ReadWriteOnce", false)]
    [InlineData("File", null, "ReadWriteMany", true)]
    [InlineData("ReadWriteOnceWithFSType", "ext4", "ReadWriteOnce", true)]
    [InlineData(null, "ext4", "ReadWriteOnce", true)]
    [InlineData(null, "ext4", "ReadWriteMany", false)]
    [InlineData(null, null, "ReadWriteOnce", false)]
    public void The_group_of_a_pod_gets_a_volume_as_the_driver_says(string? policy, string? fsType, string mode, bool gets) => Assert.Equal(gets, CsiMount.TakesGroup(policy, fsType, [mode]));

    [Fact]
    public void The_name_of_an_attachment_is_that_of_Kubernetes() =>
        Assert.Equal("csi-" + CsiPaths.Hash("vol-1ebs.csi.aws.comnode-1"), CsiAttachments.NameOf("vol-1", "ebs.csi.aws.com", "node-1"));

    [Fact]
    public void A_class_says_what_is_for_the_driver_and_what_is_for_the_cluster()
    {
        var of = new V1StorageClass
        {
            Metadata = new() { Name = "fast" },
            Provisioner = "d",
            Parameters = new Dictionary<string, string>
            {
                ["type"] = "ssd",
                ["csi.storage.k8s.io/fstype"] = "xfs",
                ["csi.storage.k8s.io/node-stage-secret-name"] = "key-${pvc.name}",
                ["csi.storage.k8s.io/node-stage-secret-namespace"] = "${pvc.namespace}",
            },
            MountOptions = ["noatime"],
        };
        var claim = new V1PersistentVolumeClaim
        {
            Metadata = new() { Name = "c", NamespaceProperty = "ns", Uid = "u" },
            Spec = new() { AccessModes = ["ReadWriteOnce"], Resources = new() { Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new("1Gi") } } },
        };
        using var channel = UnixChannel.Open("/none");
        var driver = new CsiDriver("d", "/none", channel) { NodeId = "n", MaxVolumes = 0, Topology = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty, Node = [], Controller = [], HasTopology = true };
        var request = CsiProvisioning.Request(claim, of, driver, new Dictionary<string, string> { ["zone"] = "z" });
        Assert.Equal("pvc-u", request.Name);
        Assert.Equal(1L << 30, request.CapacityRange.RequiredBytes);
        Assert.Equal("type", Assert.Single(request.Parameters).Key);
        Assert.Equal("z", request.AccessibilityRequirements.Requisite[0].Segments["zone"]);
        Assert.Equal("noatime", request.VolumeCapabilities[0].Mount.MountFlags[0]);

        var volume = CsiProvisioning.Volume(claim, of, "d", new Volume { VolumeId = "v", CapacityBytes = 2L << 30, AccessibleTopology = { new Topology { Segments = { ["zone"] = "z" } } } }, "n");
        Assert.Equal(("v", "xfs", "key-c", "ns"), (volume.Spec.Csi.VolumeHandle, volume.Spec.Csi.FsType, volume.Spec.Csi.NodeStageSecretRef.Name, volume.Spec.Csi.NodeStageSecretRef.NamespaceProperty));
        Assert.Equal(2L << 30, volume.Spec.Capacity["storage"].ToDecimal());
        Assert.Equal("zone", volume.Spec.NodeAffinity.Required.NodeSelectorTerms[0].MatchExpressions[0].Key);
        Assert.Equal(CsiAnnotations.VolumeFinalizer, Assert.Single(volume.Metadata.Finalizers));
    }
}
