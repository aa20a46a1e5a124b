using Orchestrator.Node.Agent.Csi;
using Orchestrator.Node.Agent.Csi.Wire;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Csi;

/// <summary>A driver that brings its sidecars: they find in the API what they look for, and what they write there is heeded. The spec writes what they would.</summary>
public sealed class CsiSidecarsSpec(CsiHost host) : IClassFixture<CsiHost>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [RootFact]
    public async Task What_sidecars_look_for_is_there_and_what_they_write_is_heeded()
    {
        await host.RegisteredAsync();
        (await host.Kubectl.FeedAsync($$"""
            {"apiVersion":"v1","kind":"List","items":[
             {"apiVersion":"storage.k8s.io/v1","kind":"CSIDriver","metadata":{"name":"{{CsiHost.DriverName}}"},"spec":{"attachRequired":true} },
             {"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"own"},"provisioner":"{{CsiHost.DriverName}}","volumeBindingMode":"WaitForFirstConsumer","allowVolumeExpansion":true},
             {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"own","resources":{"requests":{"storage":"16Mi"} } } } ]}
            """, "apply", "-f", "-")).Succeeded();
        await CreateAsync(host.Node, "user", "Never", $$"""
            "containers": [ {{Runs("echo x > /data/file; exec sleep 3600")}}, "volumeMounts": [ { "name": "d", "mountPath": "/data" } ] } ], "volumes": [ { "name": "d", "persistentVolumeClaim": { "claimName": "data" } } ]
            """, grace: 1);

        // external-provisioner.
        await host.Kubectl.WaitForAsync("get pvc data -o jsonpath={.metadata.annotations.volume\\.kubernetes\\.io/storage-provisioner}{\"\\u0020\"}{.metadata.annotations.volume\\.kubernetes\\.io/selected-node}",
            t => t == $"{CsiHost.DriverName} {host.Node.Name}");
        var uid = await host.Kubectl.SucceedAsync("get pvc data -o jsonpath={.metadata.uid}");
        Assert.False(Directory.Exists(host.Images) && Directory.GetFiles(host.Images).Length > 0, "An agent has made a volume for a driver that did not ask for it.");
        await host.CreateVolumeAsync("made");
        (await host.Kubectl.FeedAsync($$"""
            {"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"made","annotations":{"pv.kubernetes.io/provisioned-by":"{{CsiHost.DriverName}}"},"finalizers":["external-provisioner.volume.kubernetes.io/finalizer"]},
             "spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"16Mi"},"storageClassName":"own","persistentVolumeReclaimPolicy":"Delete","csi":{"driver":"{{CsiHost.DriverName}}","volumeHandle":"made","fsType":"ext4"},
              "claimRef":{"apiVersion":"v1","kind":"PersistentVolumeClaim","namespace":"default","name":"data","uid":"{{uid}}"} } }
            """, "create", "-f", "-")).Succeeded();

        // external-attacher: the pod waits for it.
        var attachment = await host.Kubectl.WaitForAsync("get volumeattachment -o jsonpath={.items[*].metadata.name}", t => t.StartsWith("csi-", StringComparison.Ordinal), Bound);
        Assert.Equal(Orchestrator.Actors.Workloads.CsiAttachments.NameOf("made", CsiHost.DriverName, host.Node.Name), attachment);
        await StatusAsync($"volumeattachment/{attachment}", """{"status":{"attached":false,"attachError":{"message":"the disk is on fire","time":"2026-01-01T00:00:00Z"}}}""");
        await host.Kubectl.WaitForAsync("get events --field-selector involvedObject.name=user,reason=FailedAttachVolume -o jsonpath={.items[*].message}", t => t.Contains("AttachVolume.Attach failed for volume \"made\" : the disk is on fire", StringComparison.Ordinal));
        (await host.Kubectl.RunAsync("patch", "volumeattachment", attachment, "-p", """{"metadata":{"finalizers":["external-attacher/loop-csi-orchestrator-io"]}}""")).Succeeded();
        await StatusAsync($"volumeattachment/{attachment}", """{"status":{"attached":true,"attachError":null}}""");
        await PodIsAsync(host.Node, "user", p => (string?)p["status"]?["phase"] == "Running");

        // external-resizer: the volume first, then what the node is to do. The node says at the claim what came of it.
        (await host.Kubectl.RunAsync("patch", "pvc", "data", "-p", """{"spec":{"resources":{"requests":{"storage":"32Mi"}}}}""")).Succeeded();
        using (var channel = UnixChannel.Open(host.Endpoint))
        {
            await new Controller.ControllerClient(channel).ControllerExpandVolumeAsync(new() { VolumeId = "made", CapacityRange = new() { RequiredBytes = 32 << 20 } });
        }

        (await host.Kubectl.RunAsync("patch", "pv", "made", "-p", """{"spec":{"capacity":{"storage":"32Mi"}}}""")).Succeeded();
        Assert.Equal("16Mi", await host.Kubectl.SucceedAsync("get pvc data -o jsonpath={.status.capacity.storage}"));
        await StatusAsync("pvc/data", """{"status":{"conditions":[{"type":"FileSystemResizePending","status":"True"}]}}""");
        await host.Kubectl.WaitForAsync("get events -o jsonpath={.items[*].reason}{.items[*].message}", t => t.Contains("FileSystemResizeSuccessful", StringComparison.Ordinal) || t.Contains("resize2fs", StringComparison.Ordinal));

        // The attachment goes once the node has unmounted, and waits for its attacher.
        await host.Kubectl.SucceedAsync("delete pod user --timeout=60s");
        await host.MountedAsync(staged: 0, published: 0);
        await host.Kubectl.WaitForAsync($"get volumeattachment {attachment} -o jsonpath={{.metadata.deletionTimestamp}}", t => t.Length > 0, Bound);
        (await host.Kubectl.RunAsync("patch", "volumeattachment", attachment, "-p", """{"metadata":{"finalizers":null}}""")).Succeeded();
        await host.Kubectl.WaitForAsync("get volumeattachment -o name", t => t.Length == 0);

        // The volume of a claim that is gone is its provisioner's to delete.
        await host.Kubectl.SucceedAsync("delete pvc data --timeout=60s");
        await host.Kubectl.WaitForAsync("get pv made -o jsonpath={.status.phase}", t => t == "Released");
        await host.Kubectl.SucceedAsync("delete pv made --wait=false");
        (await host.Kubectl.RunAsync("patch", "pv", "made", "-p", """{"metadata":{"finalizers":null}}""")).Succeeded();
        await host.Kubectl.WaitForAsync("get pv -o name", t => t.Length == 0);
    }

    [RootFact]
    public async Task A_driver_that_asks_for_it_is_told_of_the_pod_with_tokens_and_secrets()
    {
        await host.RegisteredAsync();
        await using var driver = await FakeDriver.StartAsync(Path.Combine(Path.GetDirectoryName(host.Registration)!, "fake.sock"));
        driver.During = (call, _) =>
        {
            if (call == "unpublish")
            {
                Directory.Delete(driver.Published!.TargetPath);
            }

            return Task.CompletedTask;
        };
        (await host.Kubectl.FeedAsync("""
            {"apiVersion":"v1","kind":"List","items":[
             {"apiVersion":"v1","kind":"Secret","metadata":{"name":"key"},"stringData":{"password":"open sesame"}},
             {"apiVersion":"storage.k8s.io/v1","kind":"CSIDriver","metadata":{"name":"fake.example.com"},
              "spec":{"attachRequired":false,"podInfoOnMount":true,"requiresRepublish":true,"tokenRequests":[{"audience":"vault","expirationSeconds":900}],"volumeLifecycleModes":["Ephemeral"]} } ]}
            """, "apply", "-f", "-")).Succeeded();
        await CreateAsync(host.Node, "told", "Never", $$"""
            "nodeName": "{{host.Node.Name}}", "containers": [ {{Runs("exec sleep 3600")}}, "volumeMounts": [ { "name": "d", "mountPath": "/data" } ] } ],
            "volumes": [ { "name": "d", "csi": { "driver": "fake.example.com", "readOnly": true, "volumeAttributes": { "a": "b" }, "nodePublishSecretRef": { "name": "key" } } } ]
            """, grace: 1);
        var pod = await PodIsAsync(host.Node, "told", p => (string?)p["status"]?["phase"] == "Running");
        var told = driver.Published!;
        Assert.Equal(("told", "default", "true", "b"), (told.VolumeContext["csi.storage.k8s.io/pod.name"], told.VolumeContext["csi.storage.k8s.io/pod.namespace"], told.VolumeContext["csi.storage.k8s.io/ephemeral"], told.VolumeContext["a"]));
        Assert.Equal((string?)pod["metadata"]!["uid"], told.VolumeContext["csi.storage.k8s.io/pod.uid"]);
        Assert.Equal(("open sesame", true, ""), (told.Secrets["password"], told.Readonly, told.StagingTargetPath));
        var token = System.Text.Json.Nodes.JsonNode.Parse(told.VolumeContext["csi.storage.k8s.io/serviceAccount.tokens"])!["vault"]!;
        Assert.Equal(3, ((string)token["token"]!).Split('.').Length);
        Assert.True(DateTimeOffset.Parse((string)token["expirationTimestamp"]!, System.Globalization.CultureInfo.InvariantCulture) > DateTimeOffset.UtcNow);
        await host.Kubectl.SucceedAsync("delete pod told --timeout=60s");
        Assert.Equal("unpublish", driver.Calls.Last().Split(' ')[0]);

        // What it is not for.
        (await host.Kubectl.FeedAsync($$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"wrong"},"spec":{"terminationGracePeriodSeconds":1,"nodeName":"{{host.Node.Name}}","containers":[{"name":"c","image":"{{SampleImage.First}}"}],"volumes":[{"name":"d","csi":{"driver":"{{CsiHost.DriverName}}"} }]} }
            """, "apply", "-f", "-")).Succeeded();
        await host.Kubectl.WaitForAsync("get events --field-selector involvedObject.name=wrong,reason=FailedMount -o jsonpath={.items[*].message}", t => t.Contains("does not support volumes of the mode Ephemeral", StringComparison.Ordinal));
        await host.Kubectl.SucceedAsync("delete pod wrong --timeout=60s");
    }

    private async Task StatusAsync(string item, string patch) => (await host.Kubectl.RunAsync("patch", item, "--subresource=status", "--type=merge", "-p", patch)).Succeeded();
}
