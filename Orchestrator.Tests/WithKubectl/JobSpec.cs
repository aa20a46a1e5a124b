using System.Text.Json.Nodes;
using Orchestrator.Tests.Conformance;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class JobSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task A_job_runs_to_completion_and_is_told(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        Assert.Equal("job.batch/hello created\n", (await kubectl.RunAsync("create", "job", "hello", "--image=orchestrator/sample:1", "--", "sh", "-c", "echo hi; sleep 0.5")).Succeeded());
        Assert.Equal("job.batch/hello condition met\n", await kubectl.SucceedAsync("wait --for=condition=complete job/hello --timeout=30s"));

        var table = await kubectl.SucceedAsync("get jobs");
        Assert.Equal("NAME STATUS COMPLETIONS DURATION AGE", Columns.Header(table));
        Assert.Equal(["hello", "Complete", "1/1"], Columns.Rows(table).Single()[..3]);
        Assert.Equal("hi\n", await kubectl.SucceedAsync("logs job/hello"));

        var described = await kubectl.WaitForAsync("describe job hello", t => t.Contains("Completed", StringComparison.Ordinal));
        foreach (var line in (string[])[@"Selector:\s+batch.kubernetes.io/controller-uid=", @"Labels:\s+batch.kubernetes.io/controller-uid=", @"Parallelism:\s+1", @"Completions:\s+1",
            @"Completion Mode:\s+NonIndexed", @"Completed At:\s+\S", @"Duration:\s+\S", @"Pods Statuses:\s+0 Active \(0 Ready\) / 1 Succeeded / 0 Failed",
            @"Normal\s+SuccessfulCreate\s+\S+\s+job-controller\s+Created pod: hello-", @"Normal\s+Completed\s+\S+\s+job-controller\s+Job completed"])
        {
            Assert.Matches(line, described);
        }

        var pod = (await kubectl.JsonAsync("get pods -l job-name=hello"))["items"]!.AsArray().Single()!;
        Assert.Null(pod["metadata"]!["finalizers"]);
        Assert.Equal("Succeeded", (string?)pod["status"]!["phase"]);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_job_whose_pods_fail_has_failed(string version)
    {
        var kubectl = await JobAsync(version, "exit 3", "\"backoffLimit\":0");
        await kubectl.SucceedAsync("wait --for=condition=failed job/work --timeout=30s");
        Assert.Equal(["work", "Failed", "0/1"], Columns.Rows(await kubectl.SucceedAsync("get jobs")).Single()[..3]);
        Assert.Matches(@"Warning\s+BackoffLimitExceeded\s+\S+\s+job-controller\s+Job has reached the specified backoff limit",
            await kubectl.WaitForAsync("describe job work", t => t.Contains("BackoffLimitExceeded", StringComparison.Ordinal)));
        var status = (await kubectl.JsonAsync("get job work"))["status"]!;
        Assert.Equal((1, 0, "{}"), ((int)status["failed"]!, (int)status["terminating"]!, status["uncountedTerminatedPods"]!.ToJsonString()));
        Assert.Equal(["FailureTarget", "Failed"], status["conditions"]!.AsArray().Select(c => (string?)c!["type"]));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_job_that_runs_too_long_has_failed_and_its_pods_are_gone(string version)
    {
        var kubectl = await JobAsync(version, "sleep 3600", "\"activeDeadlineSeconds\":1");
        await kubectl.SucceedAsync("wait --for=condition=failed job/work --timeout=30s");
        Assert.Equal("DeadlineExceeded", await kubectl.SucceedAsync("get job work -o jsonpath={.status.conditions[?(@.type==\"Failed\")].reason}"));
        Assert.Empty(await kubectl.SucceedAsync("get pods -o name"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_job_that_ended_is_deleted_with_its_pods_when_its_time_is_over(string version)
    {
        var kubectl = await JobAsync(version, "exit 0", "\"ttlSecondsAfterFinished\":1");
        await kubectl.SucceedAsync("wait --for=delete job/work --timeout=30s");
        Assert.Empty(await kubectl.SucceedAsync("get pods -o name"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_suspended_job_has_no_pods_until_it_is_resumed(string version)
    {
        var kubectl = await JobAsync(version, "sleep 3600", "\"parallelism\":2,\"completions\":2");
        await kubectl.WaitForAsync("get job work -o jsonpath={.status.ready}", s => s == "2");
        await PatchAsync(kubectl, """{"spec":{"suspend":true}}""");
        await kubectl.SucceedAsync("wait --for=condition=suspended job/work --timeout=30s");
        await kubectl.WaitForAsync("get pods -o name", s => s.Length == 0);
        Assert.Equal(["work", "Suspended", "0/2"], Columns.Rows(await kubectl.SucceedAsync("get jobs")).Single()[..3]);

        await PatchAsync(kubectl, """{"spec":{"suspend":false}}""");
        await kubectl.WaitForAsync("get job work -o jsonpath={.status.ready}={.status.failed}", s => s == "2=");
        await kubectl.WaitForAsync("describe job work", t => t.Contains("Resumed", StringComparison.Ordinal) && t.Contains("Suspended", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("Job should delete a job")]
    public async Task A_job_is_deleted_with_its_pods_or_without_them(string version)
    {
        var kubectl = await JobAsync(version, "sleep 3600", "\"parallelism\":2,\"completions\":2");
        await kubectl.WaitForAsync("get job work -o jsonpath={.status.ready}", s => s == "2");
        await kubectl.SucceedAsync("delete job work --cascade=orphan");
        await kubectl.WaitForAsync("get pods -o jsonpath={.items[*].metadata.ownerReferences}{.items[*].metadata.finalizers}", s => s.Length == 0);
        Assert.Equal(2, Columns.Lines(await kubectl.SucceedAsync("get pods -o name")).Length);

        await CreateAsync(kubectl, "sleep 3600", "\"parallelism\":2,\"completions\":2");
        await kubectl.WaitForAsync("get job work -o jsonpath={.status.ready}", s => s == "2");
        Assert.Equal("job.batch \"work\" deleted\n", await kubectl.SucceedAsync("delete job work"));
        await kubectl.WaitForAsync("get pods -o name", s => Columns.Lines(s).Length == 2);

        await CreateAsync(kubectl, "sleep 3600", "\"parallelism\":2,\"completions\":2");
        await kubectl.WaitForAsync("get job work -o jsonpath={.status.ready}", s => s == "2");
        await kubectl.SucceedAsync("delete job work --cascade=foreground");
        Assert.Equal(2, Columns.Lines(await kubectl.SucceedAsync("get pods -o name")).Length);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_pod_that_is_deleted_counts_as_failed_once_and_is_replaced(string version)
    {
        var kubectl = await JobAsync(version, "sleep 3600", "\"parallelism\":1");
        var pod = await kubectl.WaitForAsync("get pods -o name", s => s.Length > 0);
        await kubectl.WaitForAsync("get job work -o jsonpath={.status.ready}", s => s == "1");
        await kubectl.SucceedAsync($"delete {pod.Trim()}");
        await kubectl.WaitForAsync("get job work -o jsonpath={.status.failed}={.status.ready}={.status.terminating}", s => s == "1=1=0");
        Assert.NotEqual(pod, await kubectl.SucceedAsync("get pods -o name"));
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("Job should adopt matching orphans and release non-matching pods")]
    public async Task A_pod_whose_labels_no_longer_match_is_released_and_adopted_when_they_do(string version)
    {
        var kubectl = await JobAsync(version, "sleep 3600", "\"parallelism\":2,\"completions\":2");
        await kubectl.WaitForAsync("get job work -o jsonpath={.status.ready}", s => s == "2");
        var pod = Columns.Lines(await kubectl.SucceedAsync("get pods -o name"))[0];
        (await kubectl.RunAsync("patch", pod, "--type=json", "-p", """[{"op":"remove","path":"/metadata/ownerReferences"}]""")).Succeeded();
        await kubectl.WaitForAsync($"get {pod} -o jsonpath={{.metadata.ownerReferences[0].name}}", s => s == "work");

        (await kubectl.RunAsync("patch", pod, "-p", """{"metadata":{"labels":{"batch.kubernetes.io/controller-uid":null}}}""")).Succeeded();
        await kubectl.WaitForAsync($"get {pod} -o jsonpath={{.metadata.ownerReferences}}{{.metadata.finalizers}}", s => s.Length == 0);
        await kubectl.WaitForAsync("get pods -o name", s => Columns.Lines(s).Length == 3);
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("Job should apply changes to a job status")]
    public async Task The_status_of_a_job_is_a_subresource(string version)
    {
        var kubectl = await JobAsync(version, "sleep 3600", "\"suspend\":true");
        await kubectl.WaitForAsync("get job work -o jsonpath={.status.conditions[*].type}", s => s == "Suspended");
        (await kubectl.RunAsync("patch", "job", "work", "--subresource=status", "--type=merge", "-p",
            """{"metadata":{"annotations":{"patched":"true"}},"status":{"conditions":[{"type":"Suspended","status":"True","reason":"JobSuspended","message":"Job suspended"},{"type":"CustomConditionType","status":"True"}]}}""")).Succeeded();
        Assert.Equal("true", await kubectl.SucceedAsync("get job work -o jsonpath={.metadata.annotations.patched}"));
        await PatchAsync(kubectl, """{"spec":{"suspend":false}}""");
        Assert.Equal("Suspended CustomConditionType", await kubectl.WaitForAsync("get job work -o jsonpath={.status.conditions[*].type}", s => s.Length > 0));
        await kubectl.WaitForAsync("get job work -o jsonpath={.status.ready}", s => s == "1");
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task The_sample_runs_its_tasks(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        Assert.Equal("job.batch/tasks created\n", await kubectl.SucceedAsync($"apply -f {Path.Combine(Repository.Root, "samples", "job.yaml")}"));
        Assert.Contains("unchanged", await kubectl.SucceedAsync($"apply -f {Path.Combine(Repository.Root, "samples", "job.yaml")}"), StringComparison.Ordinal);
        await kubectl.SucceedAsync("wait --for=condition=complete job/tasks --timeout=40s");
        Assert.Equal(["tasks", "Complete", "4/4"], Columns.Rows(await kubectl.SucceedAsync("get jobs")).Single()[..3]);
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("Job should manage the lifecycle of a job")]
    public async Task A_job_is_listed_changed_replaced_and_deleted_with_others(string version)
    {
        var kubectl = await JobAsync(version, "sleep 3600", "\"suspend\":true");
        await PatchAsync(kubectl, """{"metadata":{"labels":{"tier":"one"}}}""");
        Assert.Equal("job.batch/work\n", await kubectl.SucceedAsync("get jobs -A -l tier=one -o name --field-selector metadata.namespace=" + kubectl.Space));
        var job = await kubectl.JsonAsync("get job work");
        job["spec"]!["suspend"] = false;
        job["metadata"]!["annotations"] = new JsonObject { ["updated"] = "true" };
        Assert.Equal("job.batch/work replaced\n", (await kubectl.FeedAsync(job.ToJsonString(), "replace", "-f", "-")).Succeeded());
        await kubectl.WaitForAsync("get job work -o jsonpath={.status.ready}{.metadata.annotations.updated}", s => s == "1true");
        Assert.Contains("spec.template: Invalid value", (await kubectl.RunAsync("patch", "job", "work", "-p", """{"spec":{"template":{"spec":{"hostname":"h"}}}}""")).Error, StringComparison.Ordinal);
        await kubectl.SucceedAsync("delete jobs -l tier=one");
        await kubectl.WaitForAsync("get jobs,pods -o name", s => s.Length == 0);
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("Job should create pods for an Indexed job with completion indexes and specified hostname")]
    public async Task An_indexed_job_runs_a_pod_for_each_index(string version)
    {
        var kubectl = await JobAsync(version, "sleep 1", "\"completionMode\":\"Indexed\",\"completions\":4,\"parallelism\":2");
        await kubectl.SucceedAsync("wait --for=condition=complete job/work --timeout=40s");
        Assert.Equal("0-3", await kubectl.SucceedAsync("get job work -o jsonpath={.status.completedIndexes}"));
        var pods = (await kubectl.JsonAsync("get pods"))["items"]!.AsArray().OrderBy(p => (string?)p!["spec"]!["hostname"], StringComparer.Ordinal).ToList();
        Assert.Equal(["work-0", "work-1", "work-2", "work-3"], pods.Select(p => (string?)p!["spec"]!["hostname"]));
        Assert.Equal(["0", "1", "2", "3"], pods.Select(p => (string?)p!["metadata"]!["annotations"]!["batch.kubernetes.io/job-completion-index"]));
        Assert.All(pods, p => Assert.StartsWith((string?)p!["spec"]!["hostname"] + "-", (string?)p["metadata"]!["name"], StringComparison.Ordinal));
        Assert.Matches(@"Completed Indexes:\s+0-3", await kubectl.SucceedAsync("describe job work"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_failure_policy_fails_the_job_at_once_and_a_success_policy_ends_it_early(string version)
    {
        var kubectl = await JobAsync(version, "exit 42", "\"podFailurePolicy\":{\"rules\":[{\"action\":\"FailJob\",\"onExitCodes\":{\"containerName\":\"main\",\"operator\":\"In\",\"values\":[42]}}]}");
        await kubectl.SucceedAsync("wait --for=condition=failed job/work --timeout=30s");
        Assert.Equal("PodFailurePolicy", await kubectl.SucceedAsync("get job work -o jsonpath={.status.conditions[?(@.type==\"Failed\")].reason}"));
        await kubectl.SucceedAsync("delete job work");

        await CreateAsync(kubectl, "exit 0", "\"completionMode\":\"Indexed\",\"completions\":3,\"parallelism\":1,\"successPolicy\":{\"rules\":[{\"succeededIndexes\":\"0-1\",\"succeededCount\":1}]}");
        await kubectl.SucceedAsync("wait --for=condition=complete job/work --timeout=30s");
        Assert.Equal("SuccessPolicy", await kubectl.SucceedAsync("get job work -o jsonpath={.status.conditions[?(@.type==\"Complete\")].reason}"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_pod_that_is_evicted_says_so_and_need_not_count(string version)
    {
        var kubectl = await JobAsync(version, "sleep 3600", "\"backoffLimit\":0,\"podFailurePolicy\":{\"rules\":[{\"action\":\"Ignore\",\"onPodConditions\":[{\"type\":\"DisruptionTarget\"}]}]}");
        await kubectl.WaitForAsync("get job work -o jsonpath={.status.ready}", s => s == "1");
        var pod = await kubectl.SucceedAsync("get pods -o jsonpath={.items[0].metadata.name}");
        await cluster.Node.AskAsync(HttpMethod.Post, $"/api/v1/namespaces/{kubectl.Space}/pods/{pod}/eviction", $$$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{{pod}}}"}}""");
        await kubectl.WaitForAsync("get pods -o jsonpath={.items[*].metadata.name}", s => s.Length > 0 && s != pod);
        Assert.Equal("", await kubectl.SucceedAsync("get job work -o jsonpath={.status.failed}"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_job_is_made_from_a_cron_job(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        (await kubectl.RunAsync("create", "cronjob", "nightly", "--image=orchestrator/sample:1", "--schedule=0 0 1 1 *", "--", "sh", "-c", "exit 0")).Succeeded();
        await kubectl.SucceedAsync("create job once --from=cronjob/nightly");
        await kubectl.SucceedAsync("wait --for=condition=complete job/once --timeout=30s");
        Assert.Equal("manual", (string?)(await kubectl.JsonAsync("get job once"))["metadata"]!["annotations"]!["cronjob.kubernetes.io/instantiate"]);
    }

    private async Task<Kubectl> JobAsync(string version, string line, string spec)
    {
        var kubectl = await cluster.SpaceAsync(version);
        await CreateAsync(kubectl, line, spec);
        return kubectl;
    }

    private async Task CreateAsync(Kubectl kubectl, string line, string spec)
    {
        var job = JsonNode.Parse($$$"""
            {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"work"},"spec":{{{{spec}}},
             "template":{"spec":{"restartPolicy":"Never","terminationGracePeriodSeconds":1,"containers":[{"name":"main","image":"orchestrator/sample:1","command":["sh","-c","{{{line}}}"]}]} } } }
            """)!;
        await cluster.Node.AskAsync(HttpMethod.Post, $"/apis/batch/v1/namespaces/{kubectl.Space}/jobs", job.ToJsonString());
    }

    private static async Task PatchAsync(Kubectl kubectl, string patch) => (await kubectl.RunAsync("patch", "job", "work", "-p", patch)).Succeeded();
}
