using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>Volumes, users and addresses as real containers meet them. The scripts check from inside; their exit code is the verdict.</summary>
public sealed class VolumeSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [RootFact]
    public async Task Memory_has_its_limit_outlives_the_host_and_is_gone_with_its_pod()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        const string script = "grep -q ' /mem tmpfs ' /proc/mounts && ! dd if=/dev/zero of=/mem/big bs=1k count=2048 && rm /mem/big && echo kept > /mem/file && touch /sub/here && sleep 3600";
        await CreateAsync(node, "memory", "Never", $$"""
            "containers": [ {{Runs(script)}},
              "volumeMounts": [ { "name": "mem", "mountPath": "/mem" }, { "name": "disk", "mountPath": "/sub", "subPath": "a/b" } ] } ],
            "volumes": [ { "name": "mem", "emptyDir": { "medium": "Memory", "sizeLimit": "1Mi" } }, { "name": "disk", "emptyDir": {} } ]
            """);
        var uid = (string)(await PodAsync(node, "memory"))["metadata"]!["uid"]!;
        var folder = Path.Combine(node.DataDir, "pods", uid);
        await Poll.UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(folder, "volumes", "disk", "a", "b", "here"))), Bound, () => $"the script is through; the node said: {node.Output}");
        Assert.Equal(2, MountsUnder(folder).Count);
        var before = await Containers.ListAsync(node.Name);

        // What is nobody's: a pod whose containers went while no host was there.
        await node.KillAsync();
        var stray = Directory.CreateDirectory(Path.Combine(node.DataDir, "pods", "stray", "volumes", "mem")).FullName;
        (await Command.RunAsync("mount", ["-t", "tmpfs", "tmpfs", stray], Bound)).Succeeded();
        await node.RestartAsync();
        await Poll.UntilAsync(() => Task.FromResult(!Directory.Exists(Path.Combine(node.DataDir, "pods", "stray"))), Bound, () => $"the stray volume is gone; the node said: {node.Output}");
        Assert.Empty(MountsUnder(stray));

        Assert.Equal(before.Order(), (await Containers.ListAsync(node.Name)).Order());
        Assert.Equal("kept\n", await File.ReadAllTextAsync(Path.Combine(folder, "volumes", "mem", "file")));
        await node.AskAsync(HttpMethod.Delete, "/api/v1/namespaces/default/pods/memory");
        await Poll.UntilAsync(() => Task.FromResult(!Directory.Exists(folder)), Bound, () => $"the pod's volumes are gone; the node said: {node.Output}");
        Assert.Empty(MountsUnder(folder));
    }

    [RootFact]
    public async Task The_root_of_the_host_can_be_mounted_although_the_engine_is_below_it()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        await CreateAsync(node, "all", "Never", $$"""
            "containers": [ {{Runs("test -e /host/etc/os-release && ! touch /host/x")}}, "volumeMounts": [ { "name": "host", "mountPath": "/host", "readOnly": true } ] } ],
            "volumes": [ { "name": "host", "hostPath": { "path": "/" } } ]
            """);
        await PodIsAsync(node, "all", p => (string?)p["status"]?["phase"] == "Succeeded");
    }

    [RootFact]
    public async Task Secrets_users_and_addresses_are_as_the_spec_says()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        await node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/secrets",
            """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"open":"a","shut":"b"}}""");
        await CreateAsync(node, "secret", "Never", $$"""
            "containers": [ {{Runs("test $(stat -Lc %a /s/open) = 644 && test $(stat -Lc %a /t/shut) = 400 && test $(cat /one) = b")}},
              "volumeMounts": [ { "name": "s", "mountPath": "/s" }, { "name": "t", "mountPath": "/t" }, { "name": "s", "mountPath": "/one", "subPath": "shut" } ] } ],
            "volumes": [ { "name": "s", "secret": { "secretName": "s" } }, { "name": "t", "secret": { "secretName": "s", "defaultMode": 256 } } ]
            """);
        await CreateAsync(node, "hosted", "Never", $$"""
            "hostNetwork": true,
            "containers": [ {{Runs("test -n \\\"$HOST\\\" && test $POD = $HOST")}},
              "env": [ { "name": "POD", "valueFrom": { "fieldRef": { "fieldPath": "status.podIP" } } }, { "name": "HOST", "valueFrom": { "fieldRef": { "fieldPath": "status.hostIP" } } } ] } ]
            """);
        await CreateAsync(node, "rootless", "Always", $$"""
            "securityContext": { "runAsNonRoot": true }, "containers": [ {{Runs("sleep 3600")}} } ]
            """);
        await CreateAsync(node, "user", "Never", $$"""
            "securityContext": { "runAsNonRoot": true, "runAsUser": 1000 }, "containers": [ {{Runs("test $(id -u) = 1000")}} } ]
            """);

        foreach (var pod in (string[])["secret", "hosted", "user"])
        {
            await PodIsAsync(node, pod, p => (string?)p["status"]?["phase"] is "Succeeded" or "Failed");
            Assert.Equal("Succeeded", (string?)(await PodAsync(node, pod))["status"]!["phase"]);
        }

        await PodIsAsync(node, "rootless", p => (string?)p["status"]?["containerStatuses"]?[0]?["state"]?["waiting"]?["reason"] == "CreateContainerConfigError");
        Assert.StartsWith("container has runAsNonRoot and image will run as root (pod: \"rootless_default(",
            (string?)(await PodAsync(node, "rootless"))["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!["message"], StringComparison.Ordinal);
        var secret = (string)(await PodAsync(node, "secret"))["metadata"]!["uid"]!;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(node.DataDir, "pods", secret)));
    }

    private static IReadOnlyList<string> MountsUnder(string folder) =>
        [.. File.ReadLines("/proc/self/mounts").Select(l => l.Split(' ')[1]).Where(m => m.StartsWith(folder, StringComparison.Ordinal))];
}
