using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Docker;

/// <summary>A real node that has less memory than it should, because the threshold is nearly all of it.</summary>
public sealed class EvictionSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_node_that_is_short_of_memory_evicts_what_runs_and_gets_no_new_BestEffort_pods()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("short.conf"), "orchestrator.eviction.hard.memory.available = \"99.9%\"\n");
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, ["--config", folder.File("short.conf")]));
        var kubectl = node.Kubectl(Kubectl.Newest, "default");
        Assert.Contains("kubelet has insufficient memory available", await kubectl.WaitForAsync($"describe node {node.Name}", t => t.Contains("node.kubernetes.io/memory-pressure:NoSchedule", StringComparison.Ordinal)), StringComparison.Ordinal);

        await File.WriteAllTextAsync(folder.File("pods.yaml"), Pod("best-effort", "") + Pod("burstable", "resources: { requests: { memory: 1Mi } }") + Pod("critical", "", "{ priorityClassName: system-node-critical }"));
        await kubectl.SucceedAsync($"apply -f {folder.File("pods.yaml")}");
        await kubectl.WaitForAsync("get pod burstable -o jsonpath={.status.phase}:{.status.reason}", t => t == "Failed:Evicted");
        Assert.Contains("The node was low on resource: memory. Threshold quantity: ", await kubectl.SucceedAsync("get pod burstable -o jsonpath={.status.message}"), StringComparison.Ordinal);
        Assert.Equal("True TerminationByKubelet", await kubectl.SucceedAsync("get pod burstable -o jsonpath={.status.conditions[?(@.type==\"DisruptionTarget\")]['status','reason']}"));
        await kubectl.WaitForAsync("get events --field-selector=reason=Evicted -o jsonpath={.items[*].message}", t => t.Contains("Sample: memory.available ", StringComparison.Ordinal));

        // Nothing of it is left; the pod that the node needs runs, and the one that asks for nothing waits.
        var uid = await kubectl.SucceedAsync("get pod burstable -o jsonpath={.metadata.uid}");
        await NothingIsLeftAsync(node, uid);
        Assert.Equal("Running", await kubectl.WaitForAsync("get pod critical -o jsonpath={.status.phase}", t => t == "Running"));
        Assert.Contains("node.kubernetes.io/memory-pressure", await kubectl.WaitForAsync("get pod best-effort -o jsonpath={.status.conditions[0].message}", t => t.Length > 0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_whose_disk_is_full_says_so_and_removes_what_pods_that_have_ended_left()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("full.conf"), "orchestrator { eviction.hard.nodefs.available = \"99.9%\" \n image-gc.minimum-age = 1h }\n");
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, ["--config", folder.File("full.conf")]));
        var kubectl = node.Kubectl(Kubectl.Newest, "default");
        Assert.Contains("kubelet has disk pressure", await kubectl.WaitForAsync($"describe node {node.Name}", t => t.Contains("node.kubernetes.io/disk-pressure:NoSchedule", StringComparison.Ordinal)), StringComparison.Ordinal);
        await kubectl.WaitForAsync("get events -A --field-selector=involvedObject.kind=Node -o jsonpath={.items[*].reason}",
            t => t.Contains("NodeHasDiskPressure", StringComparison.Ordinal) && t.Contains("EvictionThresholdMet", StringComparison.Ordinal));

        // The first is critical, so it may run; the second came here before the scheduler knew.
        await File.WriteAllTextAsync(folder.File("pods.yaml"),
            Pod("ends", "", "{ priorityClassName: system-node-critical, restartPolicy: Never }").Replace("sleep, \"3600\"", "sh, -c, \"echo done\"", StringComparison.Ordinal)
            + Pod("late", "", $"{{ nodeName: {node.Name} }}"));
        await kubectl.SucceedAsync($"apply -f {folder.File("pods.yaml")}");
        await kubectl.WaitForAsync("get pod ends -o jsonpath={.status.phase}", t => t == "Succeeded");
        await NothingIsLeftAsync(node, await kubectl.SucceedAsync("get pod ends -o jsonpath={.metadata.uid}"));
        Assert.Equal("Failed:Evicted:The node had condition: [DiskPressure].",
            await kubectl.WaitForAsync("get pod late -o jsonpath={.status.phase}:{.status.reason}:{.status.message}", t => t.StartsWith("Failed", StringComparison.Ordinal)));
    }

    private static Task NothingIsLeftAsync(NodeProcess node, string uid) => Poll.UntilAsync(async () =>
        (await Command.RunAsync("docker", ["ps", "-aq", "--filter", $"label=io.kubernetes.pod.uid={uid}"], Bound)).Succeeded().Length == 0
            && !Directory.Exists(Path.Combine(node.DataDir, "pods", uid)), Bound, () => $"nothing is left of pod {uid}");

    private static string Pod(string name, string resources, string spec = "") => $"""
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: {name}
        spec:
          terminationGracePeriodSeconds: 0
          {string.Join("\n  ", spec.Trim('{', '}', ' ').Split(", ", StringSplitOptions.RemoveEmptyEntries).Append(spec.Length > 0 ? "tolerations: [ { operator: Exists } ]" : "enableServiceLinks: true"))}
          containers:
          - name: main
            image: {SampleImage.First}
            imagePullPolicy: IfNotPresent
            command: [sleep, "3600"]
            {resources}

        """;
}
