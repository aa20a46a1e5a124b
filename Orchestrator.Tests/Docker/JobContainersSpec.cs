using System.Text.Json.Nodes;
using Orchestrator.Tests.Conformance;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>Jobs whose containers fail once, as real ones do.</summary>
public sealed class JobContainersSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    [Fact]
    [Conformance("Job should run a job to completion when tasks sometimes fail and are locally restarted")]
    public async Task A_task_that_fails_once_is_tried_again_in_a_new_pod_or_in_place()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var shared = new TempFolder();
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        await CreateJobAsync(node, shared, "anew", "Never");
        await CreateJobAsync(node, shared, "in-place", "OnFailure");

        var anew = await CompleteAsync(node, "anew");
        Assert.Equal((1, 1), ((int)anew["status"]!["succeeded"]!, (int)anew["status"]!["failed"]!));
        Assert.Equal(["Failed 7", "Succeeded 0"], await PodsAsync(node, "anew"));

        var inPlace = await CompleteAsync(node, "in-place");
        Assert.Equal((1, null), ((int)inPlace["status"]!["succeeded"]!, (int?)inPlace["status"]!["failed"]));
        Assert.Equal(["Succeeded 0"], await PodsAsync(node, "in-place"));
    }

    [Fact]
    public async Task The_sample_s_tasks_know_their_numbers_and_their_hosts()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        var kubectl = node.Kubectl(Kubectl.Newest);
        var sample = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "job.yaml"));
        (await kubectl.FeedAsync(sample.Replace("sleep 1", "hostname", StringComparison.Ordinal), "apply", "-f", "-")).Succeeded();
        await kubectl.SucceedAsync("wait --for=condition=complete job/tasks --timeout=60s");
        var said = await kubectl.SucceedAsync("logs -l job-name=tasks --prefix=false");
        Assert.Equal(["task 0", "task 1", "task 2", "task 3", "tasks-0", "tasks-1", "tasks-2", "tasks-3"], said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_task_runs_and_counts_once_although_the_host_is_killed_twice()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var shared = new TempFolder();
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        await node.AskAsync(HttpMethod.Post, "/apis/batch/v1/namespaces/default/jobs", $$"""
            { "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "many" }, "spec": { "completions": 6, "parallelism": 2, "template": { "spec": { "restartPolicy": "Never",
              "containers": [ {{Runs("echo $HOSTNAME >> /v/ran; sleep 2")}}, "volumeMounts": [ { "name": "v", "mountPath": "/v" } ] } ],
              "volumes": [ { "name": "v", "hostPath": { "path": "{{shared.Path}}" } } ] } } } }
            """);
        foreach (var lines in (int[])[1, 4])
        {
            await Poll.UntilAsync(() => Task.FromResult(File.Exists(shared.File("ran")) && File.ReadAllLines(shared.File("ran")).Length >= lines), Bound, () => $"task {lines} runs; the node said: {node.Output}");
            await node.KillAsync();
            await node.RestartAsync();
        }

        var job = await CompleteAsync(node, "many");
        Assert.Equal((6, null), ((int)job["status"]!["succeeded"]!, (int?)job["status"]!["failed"]));
        Assert.Equal(Enumerable.Repeat("Succeeded 0", 6), await PodsAsync(node, "many"));
        Assert.Equal(6, (await File.ReadAllLinesAsync(shared.File("ran"))).Distinct().Count());
    }

    [Fact]
    public async Task What_a_container_says_when_its_pod_is_deleted_is_heard_by_the_failure_policy()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        await node.AskAsync(HttpMethod.Post, "/apis/batch/v1/namespaces/default/jobs", $$"""
            { "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "last-word" }, "spec": {
              "podFailurePolicy": { "rules": [ { "action": "FailJob", "onExitCodes": { "operator": "In", "values": [ 42 ] } } ] },
              "template": { "spec": { "restartPolicy": "Never", "containers": [ {{Runs("trap 'exit 42' TERM; echo up; while :; do sleep 0.1; done")}} } ] } } } }
            """);
        var kubectl = node.Kubectl(Kubectl.Newest);
        await kubectl.WaitForAsync("logs job/last-word", s => s == "up\n");
        await kubectl.SucceedAsync("delete pods -l job-name=last-word");
        Assert.Matches("^Container main for pod default/last-word-[a-z0-9]+ failed with exit code 42 matching FailJob rule at index 0$",
            await kubectl.WaitForAsync("get job last-word -o jsonpath={.status.conditions[?(@.type==\"Failed\")].message}", s => s.Length > 0));
    }

    private static Task CreateJobAsync(NodeProcess node, TempFolder shared, string name, string policy) => node.AskAsync(HttpMethod.Post, "/apis/batch/v1/namespaces/default/jobs", $$"""
        { "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "{{name}}" }, "spec": { "template": { "spec": { "restartPolicy": "{{policy}}",
          "containers": [ {{Runs($"test -f /v/{name} && exit 0; touch /v/{name}; exit 7")}}, "volumeMounts": [ { "name": "v", "mountPath": "/v" } ] } ],
          "volumes": [ { "name": "v", "hostPath": { "path": "{{shared.Path}}" } } ] } } } }
        """);

    private static async Task<JsonNode> CompleteAsync(NodeProcess node, string name)
    {
        JsonNode? job = null;
        await Poll.UntilAsync(
            async () => (job = await node.AskAsync(HttpMethod.Get, $"/apis/batch/v1/namespaces/default/jobs/{name}"))["status"]?["completionTime"] is not null,
            Bound, () => $"job {name}: {job?["status"]?.ToJsonString()}; the node said: {node.Output}");
        return job!;
    }

    // Phase and exit code of each pod, in order of their creation.
    private static async Task<IEnumerable<string>> PodsAsync(NodeProcess node, string job)
    {
        var pods = (await node.AskAsync(HttpMethod.Get, $"/api/v1/namespaces/default/pods?labelSelector=job-name%3D{job}"))["items"]!.AsArray();
        return pods.OrderBy(p => (string?)p!["metadata"]!["creationTimestamp"], StringComparer.Ordinal)
            .Select(p => $"{(string?)p!["status"]!["phase"]} {(int?)p["status"]!["containerStatuses"]![0]!["state"]!["terminated"]!["exitCode"]}");
    }
}
