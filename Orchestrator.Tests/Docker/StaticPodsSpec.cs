using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Docker;

/// <summary>Pods that files of a host ask for, in real containers.</summary>
public sealed class StaticPodsSpec
{
    [Fact]
    public async Task A_file_runs_a_pod_that_comes_back_and_goes_with_the_file()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var folder = new TempFolder();
        var manifests = Directory.CreateDirectory(folder.File("manifests")).FullName;
        await File.WriteAllTextAsync(folder.File("static.conf"), $"orchestrator.static-pod-path = \"{manifests}\"\n");
        await File.WriteAllTextAsync(Path.Combine(manifests, "web.yaml"), Manifest("one"));
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, ["--config", folder.File("static.conf")]));
        var kubectl = node.Kubectl(Kubectl.Newest, "default");
        var name = $"web-{node.Name}";
        await kubectl.WaitForAsync($"logs {name}", t => t.Trim() == "one");
        Assert.Contains("kubernetes.io/config.source: file", await kubectl.SucceedAsync($"describe pod {name}"), StringComparison.Ordinal);

        var uid = await kubectl.SucceedAsync($"get pod {name} -o jsonpath={{.metadata.uid}}");
        await kubectl.SucceedAsync($"delete pod {name} --wait=false");
        await kubectl.WaitForAsync($"get pod {name} -o jsonpath={{.metadata.uid}}:{{.status.phase}}", t => !t.StartsWith(uid, StringComparison.Ordinal) && t.EndsWith(":Running", StringComparison.Ordinal));

        await File.WriteAllTextAsync(Path.Combine(manifests, "web.yaml"), Manifest("two"));
        await kubectl.WaitForAsync($"logs {name}", t => t.Trim() == "two");
        await File.WriteAllTextAsync(Path.Combine(manifests, "bad.yaml"), "kind: Nothing\n");
        await kubectl.WaitForAsync("get events -A --field-selector=reason=InvalidStaticPod -o jsonpath={.items[*].message}", t => t.Contains("bad.yaml: a static pod is an object of apiVersion v1 and kind Pod", StringComparison.Ordinal));
        File.Delete(Path.Combine(manifests, "web.yaml"));
        await kubectl.WaitForAsync("get pods -o name", t => t.Length == 0);
    }

    private static string Manifest(string says) => $"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: web
        spec:
          terminationGracePeriodSeconds: 0
          containers:
          - name: main
            image: {SampleImage.First}
            imagePullPolicy: IfNotPresent
            command: [sh, -c, "echo {says}; sleep 3600"]
        """;
}
