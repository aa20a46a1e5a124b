using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.PersistentVolumeClaims;

/// <summary>The next step of a claim, by what surrounds it.</summary>
public sealed class ClaimPlannerSpec
{
    [Theory]
    [InlineData("5Gi", "small:1Gi big:10Gi fit:5Gi", "fit")] // the smallest that fits
    [InlineData("4Gi", "big:10Gi fit:5Gi", "fit")]
    [InlineData("20Gi", "big:10Gi", null)]
    [InlineData("1Gi", "b:1Gi a:1Gi", "a")] // of two equal ones always the same
    public void Of_the_volumes_that_nobody_has_it_takes_the_smallest_that_fits(string request, string volumes, string? taken) =>
        Assert.Equal(taken, (Plan(Claim(c => c.Spec.Resources.Requests["storage"] = new(request)), [.. volumes.Split(' ').Select(v => Volume(v.Split(':')[0], x => x.Spec.Capacity["storage"] = new(v.Split(':')[1])))])
            as ClaimStep.Reserve)?.Volume.Metadata.Name);

    [Fact]
    public void A_volume_must_be_what_the_claim_asks_for()
    {
        Assert.Equal("v", Reserved(Claim(), Volume("v")));
        Assert.Null(Reserved(Claim(), Volume("v", v => v.Spec.StorageClassName = "slow")));
        Assert.Null(Reserved(Claim(), Volume("v", v => v.Spec.VolumeMode = "Block")));
        Assert.Null(Reserved(Claim(c => c.Spec.AccessModes = ["ReadWriteMany"]), Volume("v")));
        Assert.Null(Reserved(Claim(), Volume("v", v => v.Metadata.DeletionTimestamp = DateTime.UnixEpoch)));
        Assert.Null(Reserved(Claim(), Volume("v", v => v.Status.Phase = "Released")));
        Assert.Null(Reserved(Claim(c => c.Spec.Selector = new() { MatchLabels = new Dictionary<string, string> { ["disk"] = "ssd" } }), Volume("v")));
        Assert.Equal("v", Reserved(Claim(c => c.Spec.Selector = new() { MatchLabels = new Dictionary<string, string> { ["disk"] = "ssd" } }),
            Volume("v", v => v.Metadata.Labels = new Dictionary<string, string> { ["disk"] = "ssd" })));
    }

    [Fact]
    public void One_that_is_meant_for_it_comes_first() =>
        Assert.Equal("mine", Reserved(Claim(), Volume("free"), Volume("mine", v => (v.Spec.Capacity["storage"], v.Spec.ClaimRef) = (new("9Gi"), Ref("")))));

    [Fact]
    public void What_a_former_plan_reserved_is_bound_and_not_reserved_twice() =>
        Assert.Equal("half", Assert.IsType<ClaimStep.Bind>(Plan(Claim(), [Volume("free"), Volume("half", v => v.Spec.ClaimRef = Ref("u"))])).Volume.Metadata.Name);

    [Theory]
    [InlineData("1Gi", null, "Reserve")]
    [InlineData("500Mi", null, "VolumeMismatch Cannot bind to requested volume \"v\": requested PV is too small")]
    [InlineData("1Gi", "", "Reserve")]
    [InlineData("1Gi", "u", "Bind")]
    [InlineData("1Gi", "other", "FailedBinding volume \"v\" already bound to a different claim.")]
    [InlineData(null, null, "FailedBinding volume \"v\" does not exist")]
    public void A_claim_that_names_a_volume_gets_that_or_none(string? capacity, string? claimUid, string expected)
    {
        var named = capacity is null ? null : Volume("v", v =>
        {
            v.Spec.Capacity["storage"] = new(capacity);
            v.Spec.ClaimRef = claimUid is null ? null : Ref(claimUid);
        });
        Assert.Equal(expected, Text(ClaimPlanner.Plan(new(Claim(c => c.Spec.VolumeName = "v"), named, [Volume("free")], null, null, false))));
    }

    [Theory]
    [InlineData(false, null, "Lose")] // deleted
    [InlineData(true, null, "Reserve")] // somebody removed its claimRef
    [InlineData(true, "u", "Bind")]
    [InlineData(true, "", "Reserve")]
    [InlineData(true, "other", "Lose")]
    public void A_claim_that_was_bound_takes_no_other_volume(bool exists, string? claimUid, string expected)
    {
        var claim = Claim(c => (c.Spec.VolumeName, c.Metadata.Annotations) = ("v", new Dictionary<string, string> { [VolumeAnnotations.BindCompleted] = "yes" }));
        var named = exists ? Volume("v", v => v.Spec.ClaimRef = claimUid is null ? null : Ref(claimUid)) : null;
        Assert.Equal(expected, Text(ClaimPlanner.Plan(new(claim, named, [Volume("free")], null, null, false))).Split(' ')[0]);
    }

    [Theory]
    [InlineData(null, "fast", "TakeClass")] // no class was named, and there is a default one by now
    [InlineData("", "fast", "FailedBinding")] // none is wanted
    [InlineData(null, null, "FailedBinding")]
    public void No_class_and_the_class_of_no_name_are_different_wishes(string? named, string? usual, string expected) =>
        Assert.Equal(expected, Text(ClaimPlanner.Plan(new(Claim(c => c.Spec.StorageClassName = named), null, [], null, usual, false))).Split(' ')[0]);

    [Theory]
    [InlineData("example.org/disks", "Immediate", "ExternalProvisioning")]
    [InlineData("example.org/disks", "WaitForFirstConsumer", "WaitForFirstConsumer")]
    [InlineData("kubernetes.io/no-provisioner", "Immediate", "FailedBinding")]
    [InlineData(null, "", "ProvisioningFailed")]
    public void Without_a_volume_its_class_decides(string? provisioner, string mode, string expected)
    {
        var of = provisioner is null ? null : new V1StorageClass { Provisioner = provisioner, VolumeBindingMode = mode };
        Assert.Equal(expected, Text(ClaimPlanner.Plan(new(Claim(c => c.Spec.StorageClassName = "slow"), null, [], of, null, false))).Split(' ')[0]);
    }

    [Fact]
    public void Nothing_is_reserved_before_the_first_consumer_has_a_node_and_then_only_what_it_can_reach()
    {
        var of = new V1StorageClass { Provisioner = "kubernetes.io/no-provisioner", VolumeBindingMode = "WaitForFirstConsumer" };
        var volumes = new[] { On("far", "node-2"), On("near", "node-1") };
        var claim = Claim(c => c.Spec.StorageClassName = "slow");
        Assert.Equal("WaitForFirstConsumer", Text(ClaimPlanner.Plan(new(claim, null, volumes, of, null, false))).Split(' ')[0]);
        claim.Metadata.Annotations = new Dictionary<string, string> { [VolumeAnnotations.SelectedNode] = "node-1" };
        Assert.Equal("near", Assert.IsType<ClaimStep.Reserve>(ClaimPlanner.Plan(new(claim, null, volumes, of, null, false) { Node = First })).Volume.Metadata.Name);
        Assert.Equal("Deselect", Text(ClaimPlanner.Plan(new(claim, null, volumes, of, null, false)))); // the node is gone

        static V1PersistentVolume On(string name, string node) => Volume(name, v => (v.Spec.StorageClassName, v.Spec.NodeAffinity) =
            ("slow", new() { Required = new() { NodeSelectorTerms = [new() { MatchExpressions = [new() { Key = "kubernetes.io/hostname", OperatorProperty = "In", Values = [node] }] }] } }));
    }

    [Fact]
    public void The_built_in_provisioner_makes_a_folder_of_the_chosen_node()
    {
        var of = new V1StorageClass { Metadata = new() { Name = "local" }, Provisioner = LocalVolumes.Provisioner, VolumeBindingMode = "WaitForFirstConsumer" };
        var claim = Selected();
        var made = Assert.IsType<ClaimStep.Provision>(ClaimPlanner.Plan(new(claim, null, [], of, null, false) { Node = First })).Volume;
        Assert.Equal(("pvc-u", "/volumes/pvc-u", "Delete", "local"), (made.Metadata.Name, made.Spec.Local.Path, made.Spec.PersistentVolumeReclaimPolicy, made.Spec.StorageClassName));
        Assert.Equal("node-1", LocalVolumes.NodeOf((System.Text.Json.Nodes.JsonObject)Models.ToNode(made)));
        Assert.True(VolumeMatch.IsReservedFor(made, claim));
        Assert.True(VolumeMatch.IsReachable(made, First.Name, First.Labels));

        Assert.StartsWith("ProvisioningFailed orchestrator.io/local: its volumes are on one node", Text(ClaimPlanner.Plan(new(Selected(c => c.Spec.AccessModes = ["ReadWriteMany"]), null, [], of, null, false) { Node = First })), StringComparison.Ordinal);
        Assert.StartsWith("ProvisioningFailed", Text(ClaimPlanner.Plan(new(Selected(c => c.Spec.VolumeMode = "Block"), null, [], of, null, false) { Node = First })), StringComparison.Ordinal);

        // Also before a node is chosen: none would be.
        Assert.StartsWith("ProvisioningFailed orchestrator.io/local: its volumes are on one node", Text(ClaimPlanner.Plan(new(Claim(c => (c.Spec.StorageClassName, c.Spec.AccessModes) = ("local", ["ReadWriteMany"])), null, [], of, null, false))), StringComparison.Ordinal);
        Assert.StartsWith("WaitForFirstConsumer", Text(ClaimPlanner.Plan(new(Claim(c => c.Spec.StorageClassName = "local"), null, [], of, null, false))), StringComparison.Ordinal);
        Assert.Equal("Deselect", Text(ClaimPlanner.Plan(new(claim, null, [], of, null, false) { Node = First with { Folder = null } })));
        of.VolumeBindingMode = "Immediate";
        Assert.Contains("set volumeBindingMode", Text(ClaimPlanner.Plan(new(claim, null, [], of, null, false) { Node = First })), StringComparison.Ordinal);

        static V1PersistentVolumeClaim Selected(Action<V1PersistentVolumeClaim>? change = null) => Claim(c =>
        {
            (c.Spec.StorageClassName, c.Metadata.Annotations) = ("local", new Dictionary<string, string> { [VolumeAnnotations.SelectedNode] = "node-1" });
            change?.Invoke(c);
        });
    }

    [Theory]
    [InlineData(true, true, "Wait")]
    [InlineData(false, true, "Finish")]
    [InlineData(false, false, "Wait")]
    public void A_claim_that_is_to_go_stays_while_a_pod_uses_it(bool isUsed, bool isProtected, string expected)
    {
        var claim = Claim(c => (c.Metadata.DeletionTimestamp, c.Metadata.Finalizers) = (DateTime.UnixEpoch, isProtected ? [VolumeAnnotations.ClaimProtection] : []));
        Assert.Equal(expected, Text(ClaimPlanner.Plan(new(claim, null, [Volume("free")], null, null, isUsed))));
    }

    private static readonly SelectedNode First = new("node-1", new Dictionary<string, string> { ["kubernetes.io/hostname"] = "node-1" }, "/volumes");

    private static ClaimStep Plan(V1PersistentVolumeClaim claim, params V1PersistentVolume[] volumes) => ClaimPlanner.Plan(new(claim, null, volumes, null, null, false));

    private static string? Reserved(V1PersistentVolumeClaim claim, params V1PersistentVolume[] volumes) => (Plan(claim, volumes) as ClaimStep.Reserve)?.Volume.Metadata.Name;

    private static string Text(ClaimStep step) => step is ClaimStep.Wait { Why: { } why } ? $"{why.Reason} {why.Message}" : step.GetType().Name;

    private static V1ObjectReference Ref(string uid) => new() { NamespaceProperty = "default", Name = "c", Uid = uid };

    private static V1PersistentVolumeClaim Claim(Action<V1PersistentVolumeClaim>? change = null)
    {
        var claim = new V1PersistentVolumeClaim
        {
            Metadata = new() { Name = "c", NamespaceProperty = "default", Uid = "u" },
            Spec = new() { AccessModes = ["ReadWriteOnce"], StorageClassName = "", Resources = new() { Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new("1Gi") } } },
            Status = new() { Phase = "Pending" },
        };
        change?.Invoke(claim);
        return claim;
    }

    private static V1PersistentVolume Volume(string name, Action<V1PersistentVolume>? change = null)
    {
        var volume = new V1PersistentVolume
        {
            Metadata = new() { Name = name, Uid = name },
            Spec = new() { AccessModes = ["ReadWriteOnce"], Capacity = new Dictionary<string, ResourceQuantity> { ["storage"] = new("1Gi") } },
            Status = new() { Phase = "Available" },
        };
        change?.Invoke(volume);
        return volume;
    }
}
