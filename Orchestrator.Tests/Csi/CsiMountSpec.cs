using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Csi;

/// <summary>Volumes that a CSI driver mounts: a real driver, a real engine, and whatever happens to either and to the agent.</summary>
public sealed class CsiMountSpec(CsiHost host) : IClassFixture<CsiHost>
{
    private const string Data = """ "volumeMounts": [ { "name": "d", "mountPath": "/data" } ] """;

    [RootFact]
    public async Task A_driver_that_registers_is_known_with_where_the_node_is()
    {
        await host.RegisteredAsync();
        Assert.Equal($"{host.Node.Name} {CsiHost.DriverName}/node", await host.Kubectl.SucceedAsync(
            $"get csinode {host.Node.Name} -o jsonpath={{.spec.drivers[0].nodeID}}{{\"\\u0020\"}}{{.spec.drivers[0].topologyKeys[0]}}"));
        Assert.Equal(host.Node.Name, await host.Kubectl.SucceedAsync($"get node {host.Node.Name} -o jsonpath={{.metadata.labels.loop\\.csi\\.orchestrator\\.io/node}}"));
        Assert.Equal(host.Node.Name, await host.Kubectl.SucceedAsync($"get csinode {host.Node.Name} -o jsonpath={{.metadata.ownerReferences[0].name}}"));
        Assert.Equal(CsiHost.DriverName, await host.Kubectl.SucceedAsync($"get csinode {host.Node.Name} -o jsonpath={{.metadata.annotations.orchestrator\\.io/csi-controllers}}"));
    }

    [RootFact]
    public async Task What_a_pod_writes_is_there_for_the_next_and_two_pods_of_a_node_share_one_stage()
    {
        await VolumeAsync("shared", "ReadWriteMany");
        await PodAsync("one", "shared", "echo one > /data/file; exec sleep 3600", """ "securityContext": { "fsGroup": 4321 }, """);
        await PodIsAsync(host.Node, "one", p => (string?)p["status"]?["phase"] == "Running");
        await PodAsync("two", "shared", "while ! grep one /data/file; do sleep 0.1; done; exec sleep 3600");
        await PodIsAsync(host.Node, "two", p => (string?)p["status"]?["phase"] == "Running");
        await host.MountedAsync(staged: 1, published: 2);
        await host.Kubectl.SucceedAsync("delete pod one --timeout=60s");
        await host.MountedAsync(staged: 1, published: 1);
        await host.Kubectl.SucceedAsync("delete pod two --timeout=60s");
        await host.MountedAsync(staged: 0, published: 0);

        // Who may only read cannot write, though root.
        await PodAsync("reader", "shared", "grep one /data/file && ! touch /data/other && test $(stat -c %g /data) != 4321", isReadOnly: true);
        await PodIsAsync(host.Node, "reader", p => (string?)p["status"]?["phase"] == "Succeeded");
        await host.Kubectl.SucceedAsync("delete pod reader --timeout=60s");
        await host.MountedAsync(staged: 0, published: 0);
    }

    [RootFact]
    public async Task The_group_of_the_pod_gets_what_is_on_a_volume_of_one_node_with_a_file_system()
    {
        await VolumeAsync("grouped", "ReadWriteOnce");
        await PodAsync("before", "grouped", "mkdir -m 700 /data/inner; echo x > /data/inner/file; chmod 600 /data/inner/file; ln -s /etc/passwd /data/link");
        await PodIsAsync(host.Node, "before", p => (string?)p["status"]?["phase"] == "Succeeded");
        await host.Kubectl.SucceedAsync("delete pod before --timeout=60s");
        await PodAsync("after", "grouped", "test $(stat -c %g /data/inner/file) = 4321 && test $(stat -c %a /data/inner/file) = 660 && cat /data/inner/file && echo y > /data/inner/new",
            """ "securityContext": { "fsGroup": 4321, "runAsUser": 1000 }, """);
        await PodIsAsync(host.Node, "after", p => (string?)p["status"]?["phase"] == "Succeeded");
        await host.Kubectl.SucceedAsync("delete pod after --timeout=60s");
    }

    [RootFact]
    public async Task A_volume_that_is_made_with_its_pod_goes_with_it()
    {
        await DriverObjectAsync();
        await CreateAsync(host.Node, "inline", "Never", $$"""
            "nodeName": "{{host.Node.Name}}", "containers": [ {{Runs("echo x > /data/file && exec sleep 3600")}}, {{Data}} } ],
            "volumes": [ { "name": "d", "csi": { "driver": "{{CsiHost.DriverName}}", "volumeAttributes": { "bytes": "20971520" } } } ]
            """, grace: 1);
        await PodIsAsync(host.Node, "inline", p => (string?)p["status"]?["phase"] == "Running");
        Assert.Equal(20971520, new FileInfo(Assert.Single(Directory.GetFiles(host.Images, "*.ephemeral.img"))).Length);
        await host.Kubectl.SucceedAsync("delete pod inline --timeout=60s");
        Assert.Empty(Directory.GetFiles(host.Images, "*.ephemeral.img"));
        await host.MountedAsync(staged: 0, published: 0);
    }

    [RootFact]
    public async Task A_pod_waits_for_its_driver_and_says_so()
    {
        await host.RegisteredAsync();
        await VolumeAsync("elsewhere", "ReadWriteOnce", "other.example.com");
        await PodAsync("lonely", "elsewhere", "true");
        await EventAsync("lonely", "driver name other.example.com not found in the list of registered CSI drivers");
        await host.Kubectl.SucceedAsync("delete pod lonely --timeout=60s");

        // The message of the driver is that of the event.
        await VolumeAsync("missing", "ReadWriteOnce", create: false);
        await PodAsync("refused", "missing", "true");
        await EventAsync("refused", "MountVolume.MountDevice failed for volume \"missing\" : rpc error: code = NotFound desc = there is no volume missing");
        await host.Kubectl.SucceedAsync("delete pod refused --timeout=60s");
        await host.MountedAsync(staged: 0, published: 0);
    }

    [RootFact]
    public async Task A_driver_that_is_killed_leaves_its_pods_running_and_comes_back()
    {
        await VolumeAsync("kept", "ReadWriteOnce");
        await PodAsync("stays", "kept", "exec sleep 3600");
        await PodIsAsync(host.Node, "stays", p => (string?)p["status"]?["phase"] == "Running");
        await host.StopDriverAsync();
        await host.Kubectl.SucceedAsync("delete pod stays --wait=false");
        await Poll.UntilAsync(() => Task.FromResult(host.Node.Output.Contains("The pod could not be removed", StringComparison.Ordinal)), TimeSpan.FromSeconds(30), () => $"the removal waits; the node said: {host.Node.Output}");
        Assert.Contains("Terminating", await host.Kubectl.SucceedAsync("get pod stays"), StringComparison.Ordinal);
        host.StartDriver();
        await host.Kubectl.SucceedAsync("wait --for=delete pod/stays --timeout=60s");
        await host.MountedAsync(staged: 0, published: 0);

        // Its socket is taken away: the node has no driver any more, until it is back.
        await host.StopDriverAsync();
        File.Delete(host.Registration);
        await host.Kubectl.WaitForAsync($"get csinode {host.Node.Name} -o jsonpath={{.spec.drivers[*].name}}", t => t.Length == 0);
        host.StartDriver();
        await host.RegisteredAsync();
    }

    [RootFact]
    public async Task Nothing_stays_mounted_and_nothing_is_mounted_twice_when_the_agent_is_killed()
    {
        await VolumeAsync("hard", "ReadWriteOnce");
        await PodAsync("survivor", "hard", "echo x >> /data/file; exec sleep 3600");
        await PodIsAsync(host.Node, "survivor", p => (string?)p["status"]?["phase"] == "Running");
        await host.Node.KillAsync();
        await host.Node.RestartAsync();
        await PodIsAsync(host.Node, "survivor", p => (string?)p["status"]?["phase"] == "Running");
        await host.MountedAsync(staged: 1, published: 1);

        // While the pod goes.
        await host.Kubectl.SucceedAsync("delete pod survivor --wait=false");
        await host.Node.KillAsync();
        await host.Node.RestartAsync();
        await host.Kubectl.SucceedAsync("wait --for=delete pod/survivor --timeout=60s");
        await host.MountedAsync(staged: 0, published: 0);

        // Between stage and publish, or before, or after: wherever the kill falls.
        await PodAsync("again", "hard", "echo x >> /data/file; exec sleep 3600");
        await Poll.UntilAsync(() => Task.FromResult(host.Mounted().Any(m => m.EndsWith("/globalmount", StringComparison.Ordinal))), TimeSpan.FromSeconds(30), () => $"the volume is staged; the node said: {host.Node.Output}");
        await host.Node.KillAsync();
        await host.Node.RestartAsync();
        await PodIsAsync(host.Node, "again", p => (string?)p["status"]?["phase"] == "Running");
        await host.MountedAsync(staged: 1, published: 1);
        await host.Kubectl.SucceedAsync("delete pod again --timeout=60s");
        await host.MountedAsync(staged: 0, published: 0);
    }

    private async Task DriverObjectAsync() => (await host.Kubectl.FeedAsync($$"""
        {"apiVersion":"storage.k8s.io/v1","kind":"CSIDriver","metadata":{"name":"{{CsiHost.DriverName}}"},
         "spec":{"attachRequired":false,"podInfoOnMount":true,"volumeLifecycleModes":["Persistent","Ephemeral"]} }
        """, "apply", "-f", "-")).Succeeded();

    private async Task VolumeAsync(string name, string mode, string driver = CsiHost.DriverName, bool create = true)
    {
        await DriverObjectAsync();
        if (create && driver == CsiHost.DriverName)
        {
            await host.CreateVolumeAsync(name);
        }

        if (driver != CsiHost.DriverName)
        {
            (await host.Kubectl.FeedAsync($$"""
                {"apiVersion":"storage.k8s.io/v1","kind":"CSIDriver","metadata":{"name":"{{driver}}"},"spec":{"attachRequired":false} }
                """, "apply", "-f", "-")).Succeeded();
        }

        (await host.Kubectl.FeedAsync($$"""
            {"apiVersion":"v1","kind":"List","items":[
             {"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"{{name}}"},"spec":{"accessModes":["{{mode}}"],"capacity":{"storage":"16Mi"},"storageClassName":"","persistentVolumeReclaimPolicy":"Retain",
              "claimRef":{"namespace":"default","name":"{{name}}"},"csi":{"driver":"{{driver}}","volumeHandle":"{{name}}","fsType":"ext4"} } },
             {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"{{name}}"},"spec":{"accessModes":["{{mode}}"],"storageClassName":"","volumeName":"{{name}}","resources":{"requests":{"storage":"16Mi"} } } } ]}
            """, "apply", "-f", "-")).Succeeded();
        await host.Kubectl.WaitForAsync($"get pvc {name} -o jsonpath={{.status.phase}}", t => t == "Bound");
    }

    private Task PodAsync(string name, string claim, string script, string security = "", bool isReadOnly = false) => CreateAsync(host.Node, name, "Never", $$"""
        {{security}} "containers": [ {{Runs(script)}}, {{Data}} } ],
        "volumes": [ { "name": "d", "persistentVolumeClaim": { "claimName": "{{claim}}", "readOnly": {{(isReadOnly ? "true" : "false")}} } } ]
        """, grace: 1);

    private Task EventAsync(string pod, string why) => host.Kubectl.WaitForAsync($"get events --field-selector involvedObject.name={pod},reason=FailedMount -o jsonpath={{.items[*].message}}", t => t.Contains(why, StringComparison.Ordinal));
}
