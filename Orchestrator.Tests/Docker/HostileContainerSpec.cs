using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>Containers that want out of their volumes: real ones, each with the host's folder as its aim. Nothing of the host is read, written,
/// chowned or deleted.</summary>
public sealed class HostileContainerSpec : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _host = Directory.CreateTempSubdirectory("orchestrator-host-");

    public HostileContainerSpec() => File.WriteAllText(Path.Combine(_host.FullName, "kept"), "kept");

    [RootFact]
    public async Task Configuration_cannot_be_written_in_any_kind_of_volume()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        await node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"job":"one"}}""");
        await node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/secrets", """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"job":"one"}}""");

        // The link that its version to come would be written through, and the one that its present version is found by.
        var next = $"..{Version("owned")}";
        string[] places = ["/c", "/s", "/d", "/p"];
        var attacks = string.Join(" ", places.Select(p => $"! touch {p}/x && ! ln -s {_host.FullName} {p}/{next} && ! ln -sfn {_host.FullName} {p}/..data && ! rm {p}/job && ! chmod 777 {p} &&"));
        await CreateAsync(node, "writer", "Always", $$"""
            "containers": [ {{Runs(attacks + " ! touch /one && test $(cat /c/job) = one && touch /dev/termination-log && echo held > /out/held; sleep 4; exit 1")}},
              "volumeMounts": [ { "name": "c", "mountPath": "/c", "readOnly": false }, { "name": "s", "mountPath": "/s" }, { "name": "d", "mountPath": "/d" }, { "name": "p", "mountPath": "/p" },
                { "name": "c", "mountPath": "/one", "subPath": "job" }, { "name": "out", "mountPath": "/out" } ] } ],
            "volumes": [ { "name": "c", "configMap": { "name": "c" } }, { "name": "s", "secret": { "secretName": "s" } },
              { "name": "d", "downwardAPI": { "items": [ { "path": "job", "fieldRef": { "fieldPath": "metadata.name" } } ] } },
              { "name": "p", "projected": { "sources": [ { "configMap": { "name": "c" } } ] } }, { "name": "out", "emptyDir": {} } ]
            """);
        await HoldsAsync(node, "writer", "out/held", "held\n");

        // Its next start is made from changed configuration: the agent writes.
        await node.AskAsync(HttpMethod.Put, "/api/v1/namespaces/default/configmaps/c", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"job":"owned"}}""");
        await HoldsAsync(node, "writer", "c/job", "owned");
        HostIsUntouched();
    }

    [RootFact]
    public async Task What_a_container_leaves_in_a_folder_of_its_own_leads_nowhere()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        const string deep = "mkdir top && for i in $(seq 60); do mkdir -p next/1234567890/1234567890/1234567890/1234567890/1234567890 && mv top next/1234567890/1234567890/1234567890/1234567890/1234567890 && mv next top || exit 3; done";
        await CreateAsync(node, "planter", "Always", $$"""
            "initContainers": [ {{Runs($"cd /e && ln -sfn {_host.FullName} out && ln -sfn {_host.FullName} /m/out && mkdir real && {deep} && echo ready > ready", "plants")}},
              "terminationMessagePath": "/e/message", "volumeMounts": [ { "name": "e", "mountPath": "/e" }, { "name": "m", "mountPath": "/m" } ] } ],
            "containers": [ {{Runs("touch /sub/escaped; sleep 3600", "escapes")}}, "volumeMounts": [ { "name": "e", "mountPath": "/sub", "subPath": "out" } ] },
              {{Runs("echo again >> /sub/starts; exit 1", "restarts")}}, "volumeMounts": [ { "name": "e", "mountPath": "/sub", "subPath": "real" } ] } ],
            "volumes": [ { "name": "e", "emptyDir": {} }, { "name": "m", "emptyDir": { "medium": "Memory" } } ]
            """);
        await HoldsAsync(node, "planter", "e/ready", "ready\n");
        await PodIsAsync(node, "planter", p => p["status"]?["containerStatuses"]?.AsArray().Any(c => (string?)c!["name"] == "escapes"
            && (string?)c["state"]?["waiting"]?["message"] == "subPath \"out\" must stay inside its volume") == true);
        await HoldsAsync(node, "planter", "e/real/starts", "again\nagain\n");
        var folder = await FolderAsync(node, "planter");
        await node.AskAsync(HttpMethod.Delete, "/api/v1/namespaces/default/pods/planter");
        await Poll.UntilAsync(() => Task.FromResult(!Directory.Exists(folder)), Bound, () => $"the pod's volumes are gone; the node said: {node.Output}");
        HostIsUntouched();
    }

    [RootFact]
    public async Task A_path_in_a_volume_that_is_swapped_while_it_is_mounted_shows_nothing_of_the_host()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));

        // One container swaps a folder for a link and back without end; the other starts on it again and again, and says when it saw the host.
        var swap = $"mkdir -p /e/real; ln -sfn {_host.FullName} /e/link; echo go > /e/go; while :; do mv -T /e/real /e/path; mv -T /e/path /e/real; mv -T /e/link /e/path; mv -T /e/path /e/link; done";
        await CreateAsync(node, "swapper", "Always", $$"""
            "containers": [ {{Runs(swap)}}, "volumeMounts": [ { "name": "e", "mountPath": "/e" } ] },
              {{Runs("test ! -e /p/kept && echo $(($(cat /o/count) + 1)) > /o/count; test -e /p/kept && echo seen > /o/seen; exit 1", "user")}},
                "volumeMounts": [ { "name": "e", "mountPath": "/p", "subPath": "path" }, { "name": "o", "mountPath": "/o" } ] } ],
            "volumes": [ { "name": "e", "emptyDir": {} }, { "name": "o", "emptyDir": {} } ]
            """);
        await HoldsAsync(node, "swapper", "e/go", "go\n");
        var folder = await FolderAsync(node, "swapper");
        await PodIsAsync(node, "swapper", p => p["status"]?["containerStatuses"]?.AsArray().Any(c => (string?)c!["name"] == "user"
            && ((int)c["restartCount"]! >= 2 || ((string?)c["state"]?["waiting"]?["message"])?.Contains("must stay inside its volume", StringComparison.Ordinal) == true)) == true);
        Assert.False(File.Exists(Path.Combine(folder, "volumes", "o", "seen")));
        HostIsUntouched();
    }

    public void Dispose() => _host.Delete(recursive: true);

    // As the agent names a version of one file.
    private static string Version(string content) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"job\0{0b110_100_100}\0{content.Length}\0{content}"))))[..16];

    private static async Task<string> FolderAsync(NodeProcess node, string pod) => Path.Combine(node.DataDir, "pods", (string)(await PodAsync(node, pod))["metadata"]!["uid"]!);

    private static async Task HoldsAsync(NodeProcess node, string pod, string file, string content)
    {
        var path = Path.Combine(await FolderAsync(node, pod), "volumes", file);
        await Poll.UntilAsync(() => Task.FromResult(File.Exists(path) && File.ReadAllText(path) == content), Bound, () => $"{file} of {pod} says {content}; the node said: {node.Output}");
    }

    private void HostIsUntouched()
    {
        Assert.Equal(["kept"], _host.GetFileSystemInfos().Select(f => f.Name));
        Assert.Equal("kept", File.ReadAllText(Path.Combine(_host.FullName, "kept")));
    }
}
