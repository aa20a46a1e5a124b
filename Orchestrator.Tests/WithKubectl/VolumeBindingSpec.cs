using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>Claims and volumes find each other, and part.</summary>
[Collection(KubectlCollection.Name)]
public sealed class VolumeBindingSpec(KubectlCluster cluster)
{
    [Fact]
    public async Task A_claim_is_bound_to_the_smallest_volume_that_fits_and_leaves_it_released()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await CreateAsync(kubectl, Volume(kubectl, "large", "10Gi") + Volume(kubectl, "small", "5Gi") + Claim(kubectl, "data", "4Gi"));
        await kubectl.WaitForAsync("get pvc data -o jsonpath={.status.phase}", t => t == "Bound");
        var small = $"{kubectl.Space}-small";
        Assert.Equal(["data", "Bound", small, "5Gi", "RWO", kubectl.Space!, "<unset>"], Columns.Rows(await kubectl.SucceedAsync("get pvc data")).Single()[..7]);
        Assert.Equal([small, "5Gi", "RWO", "Retain", "Bound", $"{kubectl.Space}/data"], Columns.Rows(await kubectl.SucceedAsync($"get pv {small}")).Single()[..6]);
        Assert.Equal("yes yes", await kubectl.SucceedAsync("get pvc data -o jsonpath={.metadata.annotations.pv\\.kubernetes\\.io/bind-completed}{\"\\u0020\"}{.metadata.annotations.pv\\.kubernetes\\.io/bound-by-controller}"));
        await kubectl.WaitForAsync($"get pv {kubectl.Space}-large -o jsonpath={{.status.phase}}", t => t == "Available");

        // A bound volume that is deleted stays as long as its claim.
        await kubectl.SucceedAsync($"delete pv {small} --wait=false");
        Assert.Equal("Terminating", Columns.Rows(await kubectl.SucceedAsync($"get pv {small}")).Single()[4]);
        await kubectl.SucceedAsync("delete pvc data --timeout=30s");
        await kubectl.WaitForAsync($"get pv {small} --ignore-not-found -o name", t => t.Length == 0);

        await CreateAsync(kubectl, Claim(kubectl, "data", "4Gi"));
        await kubectl.WaitForAsync("get pvc data -o jsonpath={.spec.volumeName}", t => t == $"{kubectl.Space}-large");
        await kubectl.SucceedAsync("delete pvc data --timeout=30s");
        await kubectl.WaitForAsync($"get pv {kubectl.Space}-large -o jsonpath={{.status.phase}}", t => t == "Released");

        // What was on it is another's: nobody gets it before an administrator says so.
        await CreateAsync(kubectl, Claim(kubectl, "next", "1Gi"));
        await kubectl.WaitForAsync("describe pvc next", t => t.Contains("ProvisioningFailed", StringComparison.Ordinal));
        (await kubectl.RunAsync("patch", "pv", $"{kubectl.Space}-large", "-p", """{"spec":{"claimRef":null}}""")).Succeeded();
        await kubectl.WaitForAsync("get pvc next -o jsonpath={.status.phase}", t => t == "Bound");
        await kubectl.SucceedAsync("delete pvc next --timeout=30s");
        await kubectl.SucceedAsync($"delete pv {kubectl.Space}-large --timeout=30s");
    }

    [Fact]
    public async Task A_claim_whose_volume_was_taken_away_says_that_it_is_lost()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await CreateAsync(kubectl, Volume(kubectl, "v", "1Gi") + Claim(kubectl, "data", "1Gi"));
        await kubectl.WaitForAsync("get pvc data -o jsonpath={.status.phase}", t => t == "Bound");
        (await kubectl.RunAsync("patch", "pv", $"{kubectl.Space}-v", "-p", """{"metadata":{"finalizers":null}}""")).Succeeded();
        await kubectl.SucceedAsync($"delete pv {kubectl.Space}-v --timeout=30s");
        await kubectl.WaitForAsync("get pvc data -o jsonpath={.status.phase}", t => t == "Lost");
        await kubectl.WaitForAsync("describe pvc data", t => t.Contains("ClaimLost", StringComparison.Ordinal) && t.Contains("Bound claim has lost its PersistentVolume. Data on the volume is lost!", StringComparison.Ordinal));
        await kubectl.SucceedAsync("delete pvc data --timeout=30s");
    }

    [Fact]
    public async Task What_cannot_be_is_refused_with_a_sentence()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        async Task RefusedAsync(string manifest, string why) => Assert.Contains(why, (await kubectl.FeedAsync(manifest, "create", "-f", "-")).Error, StringComparison.Ordinal);
        await RefusedAsync(Volume(kubectl, "v", "1Gi").Replace("Retain", "Recycle", StringComparison.Ordinal), "volumes are not recycled here");
        await RefusedAsync(Volume(kubectl, "v", "0"), "must be greater than zero");
        await RefusedAsync(Volume(kubectl, "v", "1Gi").Replace("hostPath", "local", StringComparison.Ordinal), "spec.nodeAffinity: Required value: Local volume requires node affinity");
        await RefusedAsync(Volume(kubectl, "v", "1Gi").Replace("hostPath: {path: /srv}", "mountOptions: [ro]", StringComparison.Ordinal), "must specify a volume type");
        await RefusedAsync(Claim(kubectl, "c", "1Gi").Replace("ReadWriteOnce", "ReadWriteOncePod, ReadWriteOnce", StringComparison.Ordinal), "may not use ReadWriteOncePod with other access modes");

        await CreateAsync(kubectl, Volume(kubectl, "v", "1Gi") + Claim(kubectl, "c", "1Gi"));
        await kubectl.WaitForAsync("get pvc c -o jsonpath={.status.phase}", t => t == "Bound");
        Assert.Contains("spec is immutable after creation except resources.requests", (await kubectl.RunAsync("patch", "pvc", "c", "-p", """{"spec":{"accessModes":["ReadWriteMany"]}}""")).Error, StringComparison.Ordinal);
        Assert.Contains("only dynamically provisioned pvc can be resized", (await kubectl.RunAsync("patch", "pvc", "c", "-p", """{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}""")).Error, StringComparison.Ordinal);
        Assert.Contains("field can not be less than previous value", (await kubectl.RunAsync("patch", "pvc", "c", "-p", """{"spec":{"resources":{"requests":{"storage":"1Mi"}}}}""")).Error, StringComparison.Ordinal);
        Assert.Contains("spec.persistentvolumesource is immutable after creation", (await kubectl.RunAsync("patch", "pv", $"{kubectl.Space}-v", "-p", """{"spec":{"hostPath":{"path":"/etc"}}}""")).Error, StringComparison.Ordinal);
        await kubectl.SucceedAsync("delete pvc c --timeout=30s");
        await kubectl.SucceedAsync($"delete pv {kubectl.Space}-v --timeout=30s");
    }

    [Fact]
    public async Task A_claim_without_a_class_gets_the_default_one_and_one_with_the_class_of_no_name_does_not()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await CreateAsync(kubectl, $$"""
            apiVersion: storage.k8s.io/v1
            kind: StorageClass
            metadata: {name: {{kubectl.Space}}, annotations: {storageclass.kubernetes.io/is-default-class: "true"} }
            provisioner: example.org/disks
            ---
            {{Claim(kubectl, "usual", "1Gi").Replace($"storageClassName: {kubectl.Space}, ", "", StringComparison.Ordinal)}}
            {{Claim(kubectl, "none", "1Gi").Replace($"storageClassName: {kubectl.Space}, ", "storageClassName: \"\", ", StringComparison.Ordinal)}}
            """);
        try
        {
            Assert.Equal($"{kubectl.Space} (default)", Columns.Rows(await kubectl.SucceedAsync($"get sc {kubectl.Space}")).Single()[0]);
            Assert.Equal(kubectl.Space, await kubectl.SucceedAsync("get pvc usual -o jsonpath={.spec.storageClassName}"));
            await kubectl.WaitForAsync("describe pvc usual", t => t.Contains("ExternalProvisioning", StringComparison.Ordinal));
            await kubectl.WaitForAsync("get pvc usual -o jsonpath={.metadata.annotations.volume\\.kubernetes\\.io/storage-provisioner}", t => t == "example.org/disks");
            await kubectl.WaitForAsync("describe pvc none", t => t.Contains("no persistent volumes available for this claim and no storage class is set", StringComparison.Ordinal));
            Assert.Equal("", await kubectl.SucceedAsync("get pvc none -o jsonpath={.spec.storageClassName}"));
        }
        finally
        {
            await kubectl.SucceedAsync($"delete sc {kubectl.Space}");
            await kubectl.SucceedAsync("delete pvc --all --timeout=30s");
        }
    }

    [Fact]
    public async Task A_pod_comes_back_to_the_node_of_its_volume_and_waits_for_it()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await CreateAsync(kubectl, Claim(kubectl, "data", "1Gi").Replace($"storageClassName: {kubectl.Space}", "storageClassName: local", StringComparison.Ordinal));
        await kubectl.WaitForAsync("describe pvc data", t => t.Contains("WaitForFirstConsumer", StringComparison.Ordinal));
        const string pod = "{apiVersion: v1, kind: Pod, metadata: {name: user}, spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: i}], volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]}}";
        await CreateAsync(kubectl, pod);
        var node = await kubectl.WaitForAsync("get pod user -o jsonpath={.spec.nodeName}", t => t.Length > 0);
        Assert.Equal(node, await kubectl.SucceedAsync("get pvc data -o jsonpath={.metadata.annotations.volume\\.kubernetes\\.io/selected-node}"));
        var volume = await kubectl.SucceedAsync("get pvc data -o jsonpath={.spec.volumeName}");
        Assert.Contains("ProvisioningSucceeded", await kubectl.SucceedAsync("describe pvc data"), StringComparison.Ordinal);

        await kubectl.SucceedAsync($"cordon {node}");
        try
        {
            await kubectl.SucceedAsync("delete pod user --timeout=30s");
            await CreateAsync(kubectl, pod);
            await kubectl.WaitForAsync("get pod user -o jsonpath={.status.conditions[0].message}",
                t => t.StartsWith("0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) had volume node affinity conflict.", StringComparison.Ordinal));
        }
        finally
        {
            await kubectl.SucceedAsync($"uncordon {node}");
        }

        await kubectl.WaitForAsync("get pod user -o jsonpath={.spec.nodeName}", t => t == node);
        await kubectl.SucceedAsync("delete pod user --timeout=30s");
        await kubectl.SucceedAsync("delete pvc data --timeout=30s");
        await kubectl.WaitForAsync($"get pv {volume} --ignore-not-found -o name", t => t.Length == 0);
    }

    private static async Task CreateAsync(Kubectl kubectl, string manifest) => (await kubectl.FeedAsync(manifest, "create", "-f", "-")).Succeeded();

    // The class keeps the volumes of specs apart.
    private static string Volume(Kubectl kubectl, string name, string size) => $$"""
        apiVersion: v1
        kind: PersistentVolume
        metadata: {name: {{kubectl.Space}}-{{name}}}
        spec: {capacity: {storage: {{size}} }, accessModes: [ReadWriteOnce], persistentVolumeReclaimPolicy: Retain, storageClassName: {{kubectl.Space}}, hostPath: {path: /srv} }
        ---

        """;

    private static string Claim(Kubectl kubectl, string name, string size) => $$"""
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: {{name}}}
        spec: {accessModes: [ReadWriteOnce], storageClassName: {{kubectl.Space}}, resources: {requests: {storage: {{size}} } } }
        ---

        """;
}
