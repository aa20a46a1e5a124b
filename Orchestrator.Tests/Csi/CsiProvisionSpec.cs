using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Csi;

/// <summary>Volumes that a CSI driver makes for claims, with no sidecars beside it: the agents call its controller service.</summary>
public sealed class CsiProvisionSpec(CsiHost host) : IClassFixture<CsiHost>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [RootFact]
    public async Task A_claim_gets_a_volume_that_is_attached_expanded_and_deleted()
    {
        await ClaimAsync("data");
        await PodAsync("writer", "data", "echo kept > /data/file; exec sleep 3600");
        await PodIsAsync(host.Node, "writer", p => (string?)p["status"]?["phase"] == "Running");
        var volume = await host.Kubectl.SucceedAsync("get pvc data -o jsonpath={.spec.volumeName}");
        var image = Path.Combine(host.Images, $"{volume}.img");
        Assert.Equal(16 << 20, new FileInfo(image).Length);
        Assert.Equal($"{CsiHost.DriverName} {host.Node.Name} {volume} true {image}", await host.Kubectl.SucceedAsync(
            "get volumeattachment -o jsonpath={.items[0].spec.attacher}{\"\\u0020\"}{.items[0].spec.nodeName}{\"\\u0020\"}{.items[0].spec.source.persistentVolumeName}{\"\\u0020\"}{.items[0].status.attached}{\"\\u0020\"}{.items[0].status.attachmentMetadata.image}"));
        Assert.Equal($"{CsiHost.DriverName}/node {host.Node.Name} 16Mi", await host.Kubectl.SucceedAsync(
            $"get pv {volume} -o jsonpath={{.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key}}{{\"\\u0020\"}}{{.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]}}{{\"\\u0020\"}}{{.spec.capacity.storage}}"));

        // It grows while the pod runs, where the kernel lets the driver do that, and else when a pod begins with it next.
        (await host.Kubectl.RunAsync("patch", "pvc", "data", "-p", """{"spec":{"resources":{"requests":{"storage":"48Mi"}}}}""")).Succeeded();
        await host.Kubectl.WaitForAsync($"get pv {volume} -o jsonpath={{.spec.capacity.storage}}", t => t == "48Mi");
        Assert.Equal(48 << 20, new FileInfo(image).Length);
        if (CanResizeOnline)
        {
            await host.Kubectl.WaitForAsync("get pvc data -o jsonpath={.status.capacity.storage}", t => t == "48Mi");
        }
        else
        {
            await host.Kubectl.WaitForAsync("get events --field-selector involvedObject.name=writer,reason=FailedMount -o jsonpath={.items[*].message}", t => t.Contains("resize2fs", StringComparison.Ordinal));
            Assert.Equal("16Mi FileSystemResizePending", await host.Kubectl.SucceedAsync("get pvc data -o jsonpath={.status.capacity.storage}{\"\\u0020\"}{.status.conditions[0].type}"));
        }

        await host.Kubectl.SucceedAsync("delete pod writer --timeout=60s");
        await host.MountedAsync(staged: 0, published: 0);
        await host.Kubectl.WaitForAsync("get volumeattachment -o name", t => t.Length == 0, Bound);
        await PodAsync("reader", "data", "grep kept /data/file && test $(df -k /data | tail -1 | awk '{print $2}') -gt 30000; echo result $?; exec sleep 3600");
        await PodIsAsync(host.Node, "reader", p => (string?)p["status"]?["phase"] == "Running");
        await host.Kubectl.WaitForAsync("logs reader", t => t.Contains("result 0", StringComparison.Ordinal));
        await host.Kubectl.WaitForAsync("get pvc data -o jsonpath={.status.capacity.storage}{.status.conditions}", t => t == "48Mi");

        // With its claim all goes, once nobody has it.
        await host.Kubectl.SucceedAsync("delete pvc data --wait=false");
        Assert.True(File.Exists(image));
        await host.Kubectl.SucceedAsync("delete pod reader --timeout=60s");
        await host.Kubectl.WaitForAsync("get pvc,pv,volumeattachment -o name", t => t.Length == 0, Bound);
        Assert.False(File.Exists(image));
        await host.MountedAsync(staged: 0, published: 0);
    }

    [RootFact]
    public async Task A_claim_is_served_once_whenever_the_agent_is_killed()
    {
        await ClaimAsync("hard");
        await PodAsync("first", "hard", "exec sleep 3600");
        await host.Kubectl.WaitForAsync("get pvc hard -o jsonpath={.metadata.annotations.volume\\.kubernetes\\.io/selected-node}", t => t == host.Node.Name);
        await host.Node.KillAsync();
        await host.Node.RestartAsync();
        await PodIsAsync(host.Node, "first", p => (string?)p["status"]?["phase"] == "Running");
        Assert.Single(Directory.GetFiles(host.Images, $"pvc-*.img"));
        await host.Kubectl.SucceedAsync("delete pod first --wait=false");
        await host.Kubectl.SucceedAsync("delete pvc hard --wait=false");
        await host.Node.KillAsync();
        await host.Node.RestartAsync();
        await host.Kubectl.WaitForAsync("get pod,pvc,pv,volumeattachment -o name", t => t.Length == 0, Bound);
        Assert.Empty(Directory.GetFiles(host.Images, "pvc-*.img"));
        await host.MountedAsync(staged: 0, published: 0);
    }

    [RootFact]
    public async Task What_the_driver_refuses_is_said_at_the_claim()
    {
        await ClaimAsync("huge", "4Ei");
        await PodAsync("wants", "huge", "true");

        // The driver has said how much there is; whoever does not ask the scheduler hears it from the driver itself.
        await host.Kubectl.WaitForAsync("get pod wants -o jsonpath={.status.conditions[0].message}", t => t.Contains("node(s) did not have enough free storage", StringComparison.Ordinal), Bound);
        Assert.Equal("loop", await host.Kubectl.SucceedAsync("get csistoragecapacity -n kube-system -o jsonpath={.items[*].storageClassName}"));
        await host.Kubectl.SucceedAsync($"annotate pvc huge volume.kubernetes.io/selected-node={host.Node.Name}");
        await host.Kubectl.WaitForAsync("get events --field-selector involvedObject.name=huge,reason=ProvisioningFailed -o jsonpath={.items[*].message}", t => t.Contains("code = OutOfRange desc = volumes have", StringComparison.Ordinal));
        await host.Kubectl.SucceedAsync("delete pod/wants pvc/huge --timeout=60s");
    }

    // The kernel asks for CAP_SYS_RESOURCE (bit 24).
    private static bool CanResizeOnline => (Convert.ToUInt64(File.ReadLines("/proc/self/status").First(l => l.StartsWith("CapEff:", StringComparison.Ordinal))[7..].Trim(), 16) >> 24 & 1) == 1;

    private async Task ClaimAsync(string name, string size = "16Mi")
    {
        (await host.Kubectl.RunAsync("apply", "-f", Path.Combine(Repository.Root, "samples", "csi-loop", "class.yaml"))).Succeeded();
        await host.RegisteredAsync();
        (await host.Kubectl.FeedAsync($$"""
            {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"{{name}}"},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"loop","resources":{"requests":{"storage":"{{size}}"} } } }
            """, "apply", "-f", "-")).Succeeded();
    }

    private Task PodAsync(string name, string claim, string script) => CreateAsync(host.Node, name, "Never", $$"""
        "containers": [ {{Runs(script)}}, "volumeMounts": [ { "name": "d", "mountPath": "/data" } ] } ], "volumes": [ { "name": "d", "persistentVolumeClaim": { "claimName": "{{claim}}" } } ]
        """, grace: 1);
}
