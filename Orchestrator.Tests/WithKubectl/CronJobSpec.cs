using System.Text.Json.Nodes;
using Orchestrator.Tests.Conformance;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class CronJobSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task A_cron_job_runs_a_job_when_it_is_due(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        (await kubectl.RunAsync("create", "cronjob", "tick", "--image=orchestrator/sample:1", "--schedule=@every 1s", "--", "sh", "-c", "echo tick")).Succeeded();
        await kubectl.WaitForAsync("get cronjob tick -o jsonpath={.status.lastSuccessfulTime}", s => s.Length > 0);
        var job = (await kubectl.JsonAsync("get jobs"))["items"]![0]!;
        Assert.Matches("^tick-[0-9]+$", (string?)job["metadata"]!["name"]);
        Assert.NotNull(job["metadata"]!["annotations"]!["batch.kubernetes.io/cronjob-scheduled-timestamp"]);

        await kubectl.WaitForAsync("get cronjobs", t => Columns.Header(t) == "NAME SCHEDULE TIMEZONE SUSPEND ACTIVE LAST SCHEDULE AGE"
            && Columns.Rows(t).Single() is ["tick", "@every 1s", "<none>", "False", "0", not "<none>", _]);
        var described = await kubectl.WaitForAsync("describe cronjob tick", t => t.Contains("SawCompletedJob", StringComparison.Ordinal));
        foreach (var line in (string[])[@"Schedule:\s+@every 1s", @"Concurrency Policy:\s+Allow", @"Successful Job History Limit:\s+3", @"Failed Job History Limit:\s+1", @"Active Jobs:\s+<none>",
            @"Normal\s+SuccessfulCreate\s+\S+(\s\(\S+ over \S+\))?\s+cronjob-controller\s+Created job tick-", @"Saw completed job: tick-[0-9]+, condition: Complete"])
        {
            Assert.Matches(line, described);
        }

        await kubectl.SucceedAsync("delete cronjob tick");
        await kubectl.WaitForAsync("get jobs,pods -o name", s => s.Length == 0);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task The_sample_is_shown_and_run_by_hand(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        Assert.Equal("cronjob.batch/report created\n", await kubectl.SucceedAsync($"apply -f {Path.Combine(Repository.Root, "samples", "cronjob.yaml")}"));
        Assert.Equal(["report", "* 9-16 * * MON-FRI", "Europe/Berlin", "False"], Columns.Rows(await kubectl.SucceedAsync("get cronjobs")).Single()[..4]);
        await kubectl.SucceedAsync("create job now --from=cronjob/report");
        await kubectl.SucceedAsync("wait --for=condition=complete job/now --timeout=30s");
        Assert.Equal("report\n", await kubectl.SucceedAsync("logs job/now"));
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("CronJob should not schedule jobs when suspended")]
    public async Task A_suspended_cron_job_runs_nothing_until_it_is_resumed(string version)
    {
        var kubectl = await CronAsync(version, """{"schedule":"@every 1s","suspend":true}""");
        Assert.Equal("True", Columns.Rows(await kubectl.SucceedAsync("get cronjobs")).Single()[3]);
        (await kubectl.RunAsync("patch", "cronjob", "tick", "-p", """{"spec":{"suspend":false}}""")).Succeeded();
        await kubectl.WaitForAsync("get jobs -o name", s => s.Length > 0);
        await kubectl.WaitForAsync("get cronjob tick -o jsonpath={.status.active[*].kind}", s => s == "Job");
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("CronJob should support CronJob API operations")]
    public async Task A_cron_job_is_read_changed_and_deleted(string version)
    {
        var kubectl = await CronAsync(version, """{"schedule":"0 0 1 1 *","timeZone":"Etc/UTC"}""");
        (await kubectl.RunAsync("patch", "cronjob", "tick", "-p", """{"metadata":{"annotations":{"patched":"true"}}}""")).Succeeded();
        (await kubectl.RunAsync("patch", "cj", "tick", "--subresource=status", "--type=merge", "-p", """{"status":{"lastScheduleTime":"2026-01-01T00:00:00Z"}}""")).Succeeded();
        var cron = await kubectl.JsonAsync("get cronjob tick");
        Assert.Equal(("true", "2026-01-01T00:00:00Z", 1), ((string?)cron["metadata"]!["annotations"]!["patched"], (string?)cron["status"]!["lastScheduleTime"], (int)cron["metadata"]!["generation"]!));
        cron["spec"]!["schedule"] = "0 0 2 1 *";
        Assert.Equal("cronjob.batch/tick replaced\n", (await kubectl.FeedAsync(cron.ToJsonString(), "replace", "-f", "-")).Succeeded());
        Assert.Contains("cronjob.batch/tick", Columns.Lines(await kubectl.SucceedAsync("get cronjobs -A -o name")));
        await kubectl.SucceedAsync("delete cronjobs --all");
        Assert.Empty(await kubectl.SucceedAsync("get cronjobs -o name"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_wrong_schedule_is_refused(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var refused = await kubectl.RunAsync("create", "cronjob", "tick", "--image=i", "--schedule=every day");
        Assert.Contains("spec.schedule: Invalid value: \"every day\": expected exactly 5 fields, found 2: [every day]", refused.Error, StringComparison.Ordinal);
    }

    private async Task<Kubectl> CronAsync(string version, string spec)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var all = (JsonObject)JsonNode.Parse(spec)!;
        all["jobTemplate"] = JsonNode.Parse("""
            {"spec":{"template":{"spec":{"restartPolicy":"Never","terminationGracePeriodSeconds":1,"containers":[{"name":"main","image":"orchestrator/sample:1","command":["sh","-c","sleep 3600"]}]}}}}
            """);
        var cron = new JsonObject { ["apiVersion"] = "batch/v1", ["kind"] = "CronJob", ["metadata"] = new JsonObject { ["name"] = "tick" }, ["spec"] = all };
        await cluster.Node.AskAsync(HttpMethod.Post, $"/apis/batch/v1/namespaces/{kubectl.Space}/cronjobs", cron.ToJsonString());
        return kubectl;
    }
}
