using System.Collections.Concurrent;
using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Conformance;

/// <summary>What a cron job does when it is due while a job of it runs.</summary>
[Collection(KubectlCollection.Name)]
public sealed class CronJobConcurrencySpec(KubectlCluster cluster)
{
    private static readonly string[] Policies = ["Allow", "Forbid", "Replace"];

    // All at once with the first of them: each waits for more than one tick.
    private static readonly ConcurrentDictionary<string, Task<ApiSpace>> Started = new();

    [Fact]
    [Conformance("CronJob should schedule multiple jobs concurrently")]
    public async Task Allow_runs_several()
    {
        var space = await TickAsync("Allow");
        await space.Kubectl.WaitForAsync("get cronjob tick -o jsonpath={.status.active[*].name}", t => t.Split(' ').Length >= 2);
        await space.Kubectl.SucceedAsync("delete cronjob tick");
    }

    [Fact]
    [Conformance("CronJob should not schedule new jobs when ForbidConcurrent")]
    public async Task Forbid_starts_no_other()
    {
        var space = await TickAsync("Forbid");
        await space.Kubectl.WaitForAsync("get events -o jsonpath={.items[*].reason}", t => t.Contains("JobAlreadyActive", StringComparison.Ordinal));
        Assert.Single(await space.NamesAsync("jobs"));
        await space.Kubectl.SucceedAsync("delete cronjob tick");
    }

    [Fact]
    [Conformance("CronJob should replace jobs when ReplaceConcurrent")]
    public async Task Replace_starts_another_in_place_of_the_one_that_runs()
    {
        var space = await TickAsync("Replace");
        var first = await space.Kubectl.WaitForAsync("get cronjob tick -o jsonpath={.status.active[*].name}", t => t.Length > 0 && !t.Contains(' ', StringComparison.Ordinal));
        await space.Kubectl.WaitForAsync("get cronjob tick -o jsonpath={.status.active[*].name}", t => t.Length > 0 && !t.Split(' ').Contains(first));
        await space.Kubectl.WaitForAsync($"get job {first} --ignore-not-found -o name", t => t.Length == 0);
        await space.Kubectl.SucceedAsync("delete cronjob tick");
    }

    private Task<ApiSpace> TickAsync(string policy)
    {
        foreach (var each in Policies)
        {
            Started.GetOrAdd(each, StartAsync);
        }

        return Started[policy];
    }

    private async Task<ApiSpace> StartAsync(string policy)
    {
        var space = await ApiSpace.CreateAsync(cluster);
        await space.PostAsync("cronjobs", "tick", $$"""
            {"schedule":"@every 1s","concurrencyPolicy":"{{policy}}","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","terminationGracePeriodSeconds":0,
             "containers":[{"name":"main","image":"orchestrator/sample:1","command":["sh","-c","sleep 3600"]}]} } } } }
            """);
        return space;
    }
}
