using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Docker;

/// <summary>Pods that take more of the disk of a real node than they may.</summary>
public sealed class StorageLimitsSpec
{
    [Fact]
    public async Task Volumes_and_containers_that_grow_beyond_their_limits_end_their_pods()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var folder = new TempFolder();
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        var kubectl = node.Kubectl(Kubectl.Newest, "default");
        const string limit = "resources: { limits: { ephemeral-storage: 1Mi } }";
        await File.WriteAllTextAsync(folder.File("pods.yaml"), Pod("volume", "dd if=/dev/zero of=/v/f bs=1M count=3", "") + Pod("layer", "dd if=/dev/zero of=/f bs=1M count=3", limit)
            + Pod("log", "yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -c 1500000", limit)
            + Pod("modest", "dd if=/dev/zero of=/v/f bs=1k count=600", ""));
        await kubectl.SucceedAsync($"apply -f {folder.File("pods.yaml")}");
        await EvictedAsync("volume", "Usage of EmptyDir volume \"v\" exceeds the limit \"1Mi\".");
        await EvictedAsync("layer", "Pod ephemeral local storage usage exceeds the total limit of containers 1Mi.");
        await EvictedAsync("log", "Pod ephemeral local storage usage exceeds the total limit of containers 1Mi.");
        Assert.Equal("Running", await kubectl.SucceedAsync("get pod modest -o jsonpath={.status.phase}"));

        Task EvictedAsync(string pod, string message) =>
            kubectl.WaitForAsync($"get pod {pod} -o jsonpath={{.status.phase}}:{{.status.reason}}:{{.status.message}}", t => t == $"Failed:Evicted:{message}", TimeSpan.FromMinutes(1));
    }

    private static string Pod(string name, string does, string resources) => $$"""
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
        spec:
          terminationGracePeriodSeconds: 0
          restartPolicy: Never
          volumes: [ { name: v, emptyDir: { sizeLimit: 1Mi } } ]
          containers:
          - name: main
            image: {{SampleImage.First}}
            imagePullPolicy: IfNotPresent
            command: [sh, -c, "{{does}}; sleep 3600"]
            volumeMounts: [ { name: v, mountPath: /v } ]
            {{resources}}

        """;
}
