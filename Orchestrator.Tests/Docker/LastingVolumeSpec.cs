using System.Text.Json.Nodes;
using Orchestrator.Actors.Workloads;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>What containers write into the volumes of claims is there when pods come back, and goes when it is to go.</summary>
public sealed class LastingVolumeSpec : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);
    private NodeProcess _node = null!;
    private Kubectl _kubectl = null!;

    public async Task InitializeAsync()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        _node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        _kubectl = _node.Kubectl(Kubectl.Newest);
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [RootFact]
    public async Task A_stateful_set_finds_what_its_pods_wrote_whatever_happens_to_them()
    {
        // Of what a container plants, nothing outside is touched.
        var victim = Directory.CreateDirectory(Path.Combine(_node.DataDir, "victim")).FullName;
        await File.WriteAllTextAsync(Path.Combine(victim, "file"), "");
        var set = $$$"""
            {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db"},"spec":{"serviceName":"db","replicas":1,"selector":{"matchLabels":{"app":"db"}},
             "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Mi"} } } }],
             "template":{"metadata":{"labels":{"app":"db"}},"spec":{"terminationGracePeriodSeconds":0,"containers":[
              {"name":"db","image":"{{{SampleImage.First}}}","imagePullPolicy":"IfNotPresent","command":["sh","-c","echo started >> /data/log; ln -sf {{{victim}}} /data/escape; exec sleep 3600"],
               "volumeMounts":[{"name":"data","mountPath":"/data"}]}]} } } }
            """;
        (await _kubectl.FeedAsync(set, "create", "-f", "-")).Succeeded();
        var volume = await _kubectl.WaitForAsync("get pvc data-db-0 -o jsonpath={.spec.volumeName}", t => t.StartsWith("pvc-", StringComparison.Ordinal), Bound);
        var folder = Path.Combine(_node.DataDir, "volumes", volume);
        var log = Path.Combine(folder, "log");
        await StartedAsync(1);
        Assert.Equal((UnixFileMode)0b111_111_111, File.GetUnixFileMode(folder));
        Assert.Equal($"local Bound Delete {LocalVolumes.Provisioner}", await _kubectl.SucceedAsync(
            $"get pv {volume} -o jsonpath={{.spec.storageClassName}}{{\"\\u0020\"}}{{.status.phase}}{{\"\\u0020\"}}{{.spec.persistentVolumeReclaimPolicy}}{{\"\\u0020\"}}{{.metadata.annotations.pv\\.kubernetes\\.io/provisioned-by}}"));

        // Its container dies.
        var container = (await Command.RunAsync("docker", ["ps", "-q", "--no-trunc", "--filter", $"label=orchestrator.io/node={_node.Name}", "--filter", "name=^/k8s_db_db-0_"], Bound)).Succeeded().Trim();
        (await Command.RunAsync("docker", ["kill", container], Bound)).Succeeded();
        await StartedAsync(2);

        // Its pod is deleted, and the host dies meanwhile.
        await _kubectl.SucceedAsync("delete pod db-0 --wait=false");
        await _node.KillAsync();
        await _node.RestartAsync();
        await StartedAsync(3);

        // Its node is drained.
        await _kubectl.SucceedAsync($"drain {_node.Name} --force --timeout=60s");
        await _kubectl.SucceedAsync($"uncordon {_node.Name}");
        await StartedAsync(4);

        // The set is made anew.
        await _kubectl.SucceedAsync("delete sts db --timeout=60s");
        await _kubectl.WaitForAsync("get pods -o name", t => t.Length == 0);
        (await _kubectl.FeedAsync(set, "create", "-f", "-")).Succeeded();
        await StartedAsync(5);

        // It asks for more.
        (await _kubectl.RunAsync("patch", "pvc", "data-db-0", "-p", """{"spec":{"resources":{"requests":{"storage":"2Mi"}}}}""")).Succeeded();
        await _kubectl.WaitForAsync("get pvc data-db-0 -o jsonpath={.status.capacity.storage}", t => t == "2Mi");
        Assert.Equal("2Mi", await _kubectl.SucceedAsync($"get pv {volume} -o jsonpath={{.spec.capacity.storage}}"));

        // A claim that is used stays; then it goes with all that is in it, though nobody was there to see it.
        await _kubectl.SucceedAsync("delete pvc data-db-0 --wait=false");
        Assert.Contains("Terminating", await _kubectl.SucceedAsync("get pvc data-db-0"), StringComparison.Ordinal);
        Assert.True(File.Exists(log));
        await _kubectl.SucceedAsync("delete sts db --timeout=60s");
        await _node.KillAsync();
        await _node.RestartAsync();
        await Poll.UntilAsync(() => Task.FromResult(!Directory.Exists(folder)), Bound, () => $"the folder is gone; the node said: {_node.Output}");
        await _kubectl.WaitForAsync("get pv,pvc -o name", t => t.Length == 0);
        Assert.True(File.Exists(Path.Combine(victim, "file")));

        Task StartedAsync(int times) => Poll.UntilAsync(async () => File.Exists(log) && (await File.ReadAllLinesAsync(log)).Length == times, Bound, () => $"{times} starts; the node said: {_node.Output}");
    }

    [RootFact]
    public async Task A_volume_that_is_retained_keeps_its_folder_and_one_of_an_ephemeral_volume_goes_with_its_pod()
    {
        await ClaimAsync("data", "local");
        await CreateAsync(_node, "writer", "Never", $$"""
            "securityContext": { "fsGroup": 1234 }, "containers": [ {{Runs("test $(stat -c %g /data) = 1234 && echo kept > /data/file && echo gone > /scratch/file && test $(stat -c %g /data/file) = 1234")}}, "volumeMounts": [ { "name": "d", "mountPath": "/data" }, { "name": "s", "mountPath": "/scratch" } ] } ],
            "volumes": [ { "name": "d", "persistentVolumeClaim": { "claimName": "data" } },
              { "name": "s", "ephemeral": { "volumeClaimTemplate": { "spec": { "accessModes": [ "ReadWriteOnce" ], "resources": { "requests": { "storage": "1Mi" } } } } } } ]
            """);
        await PodIsAsync(_node, "writer", p => (string?)p["status"]?["phase"] == "Succeeded");
        var volume = await _kubectl.SucceedAsync("get pvc data -o jsonpath={.spec.volumeName}");
        var scratch = await _kubectl.SucceedAsync("get pvc writer-s -o jsonpath={.spec.volumeName}");
        Assert.Equal("gone\n", await File.ReadAllTextAsync(Path.Combine(Folder(scratch), "file")));
        (await _kubectl.RunAsync("patch", "pv", volume, "-p", """{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}""")).Succeeded();

        await _kubectl.SucceedAsync("delete pod writer --timeout=60s");
        await _kubectl.WaitForAsync("get pvc writer-s --ignore-not-found -o name", t => t.Length == 0);
        await Poll.UntilAsync(() => Task.FromResult(!Directory.Exists(Folder(scratch))), Bound, () => $"the folder of the ephemeral volume is gone; the node said: {_node.Output}");

        await _kubectl.SucceedAsync("delete pvc data --timeout=60s");
        await _kubectl.WaitForAsync($"get pv {volume} -o jsonpath={{.status.phase}}", t => t == "Released");
        await _kubectl.SucceedAsync($"delete pv {volume} --timeout=60s");
        Assert.Equal("kept\n", await File.ReadAllTextAsync(Path.Combine(Folder(volume), "file")));

        // Whoever deletes the class that the cluster came with does not want it.
        Assert.StartsWith("local (default)", await _kubectl.SucceedAsync("get sc --no-headers"), StringComparison.Ordinal);
        await _kubectl.SucceedAsync("delete sc local");
        await _node.RestartAsync();
        Assert.Equal("", await _kubectl.SucceedAsync("get sc -o name"));
    }

    [RootFact]
    public async Task A_folder_that_is_lost_is_not_replaced_by_an_empty_one()
    {
        await ClaimAsync("data", "local");
        const string volumes = """ "volumes": [ { "name": "d", "persistentVolumeClaim": { "claimName": "data" } } ] """;
        await CreateAsync(_node, "first", "Never", $$"""
            "containers": [ {{Runs("true")}}, "volumeMounts": [ { "name": "d", "mountPath": "/data" } ] } ], {{volumes}}
            """);
        await PodIsAsync(_node, "first", p => (string?)p["status"]?["phase"] == "Succeeded");
        Directory.Delete(Folder(await _kubectl.SucceedAsync("get pvc data -o jsonpath={.spec.volumeName}")));
        await CreateAsync(_node, "second", "Never", $$"""
            "containers": [ {{Runs("true")}}, "volumeMounts": [ { "name": "d", "mountPath": "/data" } ] } ], {{volumes}}
            """);
        await FailedMountAsync("second", "if what was in it is lost, delete the claim to begin with an empty one");
    }

    [RootFact]
    public async Task A_pod_does_not_begin_before_its_volume_is_there()
    {
        var shown = Directory.CreateDirectory(Path.Combine(_node.DataDir, "shown")).FullName;
        await ClaimAsync("late", "");
        await CreateAsync(_node, "waits", "Never", $$"""
            "nodeName": "{{_node.Name}}", "containers": [ {{Runs("echo here > /data/file")}}, "volumeMounts": [ { "name": "d", "mountPath": "/data" } ] } ],
            "volumes": [ { "name": "d", "persistentVolumeClaim": { "claimName": "late" } } ]
            """);
        await FailedMountAsync("waits", "persistentvolumeclaim \"late\" is not bound yet");
        (await _kubectl.FeedAsync($$"""
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: by-hand}
            spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: "{{shown}}", type: Directory} }
            """, "create", "-f", "-")).Succeeded();
        await PodIsAsync(_node, "waits", p => (string?)p["status"]?["phase"] == "Succeeded");
        Assert.Equal("here\n", await File.ReadAllTextAsync(Path.Combine(shown, "file")));

        // Of another node: neither scheduled nor started, although somebody says that it must.
        await ClaimAsync("far", "elsewhere");
        (await _kubectl.FeedAsync("""
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: far}
            spec:
              accessModes: [ReadWriteOnce]
              capacity: {storage: 1Gi}
              storageClassName: elsewhere
              local: {path: /srv}
              nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [elsewhere]}]}]}}
            """, "create", "-f", "-")).Succeeded();
        await _kubectl.WaitForAsync("get pvc far -o jsonpath={.status.phase}", t => t == "Bound");
        var spec = $$"""
            "containers": [ {{Runs("true")}}, "volumeMounts": [ { "name": "d", "mountPath": "/data" } ] } ], "volumes": [ { "name": "d", "persistentVolumeClaim": { "claimName": "far" } } ]
            """;
        await CreateAsync(_node, "asked", "Never", spec);
        await CreateAsync(_node, "forced", "Never", $"\"nodeName\": \"{_node.Name}\", {spec}");
        await _kubectl.WaitForAsync("get pod asked -o jsonpath={.status.conditions[0].message}", t => t.Contains("node(s) had volume node affinity conflict", StringComparison.Ordinal));
        await FailedMountAsync("forced", "cannot be reached from node");

        await CreateAsync(_node, "remote", "Never", $$"""
            "containers": [ {{Runs("true")}}, "volumeMounts": [ { "name": "d", "mountPath": "/data" } ] } ], "volumes": [ { "name": "d", "nfs": { "server": "127.0.0.1", "path": "/none" } } ]
            """);
        await FailedMountAsync("remote", "127.0.0.1:/none cannot be mounted");
    }

    private string Folder(string volume) => Path.Combine(_node.DataDir, "volumes", volume);

    private Task<JsonNode> ClaimAsync(string name, string of) => _node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/persistentvolumeclaims", $$$"""
        {"metadata":{"name":"{{{name}}}"},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"{{{of}}}","resources":{"requests":{"storage":"1Mi"} } } }
        """);

    private Task FailedMountAsync(string pod, string why) => _kubectl.WaitForAsync($"get events --field-selector involvedObject.name={pod},reason=FailedMount -o jsonpath={{.items[*].message}}", t => t.Contains(why, StringComparison.Ordinal));
}
