using System.Diagnostics;
using System.Text;

namespace Orchestrator.Benchmarks;

/// <summary>How fast each kind of workload gets its pods, on simulated nodes.</summary>
internal sealed class WorkloadsBenchmark : IBenchmark
{
    private const int Nodes = 200;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(4);

    public string Name => "workloads";

    public string What => "500 Deployments at once, StatefulSets of 1,000, a DaemonSet on 200 nodes, a Job of 2,000 pods, 1,000 CronJobs of one minute";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        await using var host = await HostProcess.StartAsync($"--runtime simulated --simulated-nodes {Nodes}", null, cancellation);
        await using var follower = await PodFollower.StartAsync(host.Api, cancellation);
        await host.Api.PostAsync(Samples.Deployments, Samples.Deployment("warm", 300), cancellation);
        await follower.WaitAsync(f => f.Ready >= 300, Bound, cancellation);
        await ClearAsync(host, follower, Samples.Deployments, cancellation);
        List<Figure> figures = [];

        async Task MeasureAsync(string what, int pods, Func<Task> create, Func<PodFollower, bool> isDone)
        {
            run.Tell(what);
            var (cpu, done) = (host.Cpu, follower.WaitAsync(isDone, Bound, cancellation));
            await create();
            var taken = await done;
            figures.Add(new($"{what}: pods", pods / taken.TotalSeconds, "/s"));
            figures.Add(new($"{what}: host's CPU per pod", (host.Cpu - cpu).TotalMicroseconds / pods, "µs"));
        }

        await MeasureAsync("500 Deployments of 2, by 16 clients, ready", 1_000,
            () => Load.RunAsync(16, 500, Bound, (i, c) => host.Api.PostAsync(Samples.Deployments, Samples.Deployment($"d{i}", 2), c), cancellation), f => f.Ready >= 1_000);
        await ClearAsync(host, follower, Samples.Deployments, cancellation);

        const string Sets = "/apis/apps/v1/namespaces/default/statefulsets";
        await MeasureAsync("StatefulSet of 1,000, Parallel, ready", 1_000, () => host.Api.PostAsync(Sets, Set("Parallel", 1_000), cancellation), f => f.Ready >= 1_000);
        await ClearAsync(host, follower, Sets, cancellation);
        await MeasureAsync("StatefulSet of 100, OrderedReady, ready", 100, () => host.Api.PostAsync(Sets, Set("OrderedReady", 100), cancellation), f => f.Ready >= 100);
        await ClearAsync(host, follower, Sets, cancellation);

        const string Daemons = "/apis/apps/v1/namespaces/default/daemonsets";
        await MeasureAsync($"DaemonSet on {Nodes} nodes, ready", Nodes, () => host.Api.PostAsync(Daemons, Json("DaemonSet", "apps/v1", $$"""{{Selector}},"template":{{Template("Always", "sleep 3600")}}"""), cancellation), f => f.Ready >= Nodes);
        await ClearAsync(host, follower, Daemons, cancellation);

        const string Jobs = "/apis/batch/v1/namespaces/default/jobs";
        run.Tell("Job of 2,000 pods, 200 at a time");
        var (before, clock) = (host.Cpu, Stopwatch.StartNew());
        await host.Api.PostAsync(Jobs, Json("Job", "batch/v1", $$"""
            "completions":2000,"parallelism":200,"template":{{Template("Never", "exit 0")}}
            """), cancellation);
        while ((int?)(await host.Api.GetJsonAsync($"{Jobs}/w", cancellation))["status"]?["succeeded"] is not 2_000)
        {
            await Task.Delay(50, cancellation);
        }

        figures.Add(new("Job of 2,000 pods, 200 at a time: pods", 2_000 / clock.Elapsed.TotalSeconds, "/s"));
        figures.Add(new("Job of 2,000 pods, 200 at a time: host's CPU per pod", (host.Cpu - before).TotalMicroseconds / 2_000, "µs"));
        await host.Api.DeleteAsync($"{Jobs}/w?propagationPolicy=Background", cancellation);
        await follower.WaitAsync(f => f.Count == 0, Bound, cancellation);
        figures.AddRange(await CronJobsAsync(host, run, cancellation));
        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> CronJobsAsync(HostProcess host, BenchmarkRun run, CancellationToken cancellation)
    {
        const int Count = 1_000;
        const string CronJobs = "/apis/batch/v1/namespaces/default/cronjobs";
        run.Tell("1,000 CronJobs that are due in one minute");

        // Their jobs run nothing: what is measured is the controller.
        await Load.RunAsync(16, Count, Bound, (i, c) => host.Api.PostAsync(CronJobs, Encoding.UTF8.GetBytes(
            $$"""{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"c{{i}}"},"spec":{"schedule":"* * * * *","jobTemplate":{"spec":{"suspend":true,"template":{{Template("Never", "exit 0")}} } } } }"""), c), cancellation);
        var due = new DateTimeOffset(DateTimeOffset.UtcNow.Ticks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, TimeSpan.Zero).AddMinutes(2);
        await Task.Delay(due - DateTimeOffset.UtcNow, cancellation);
        var suffix = $"-{due.ToUnixTimeSeconds() / 60}";
        var clock = Stopwatch.StartNew();
        while ((await host.Api.GetJsonAsync("/apis/batch/v1/namespaces/default/jobs", cancellation))["items"]!.AsArray().Count(j => ((string)j!["metadata"]!["name"]!).EndsWith(suffix, StringComparison.Ordinal)) < Count)
        {
            await Task.Delay(100, cancellation);
        }

        return [new($"{Count:N0} CronJobs due in one minute: all have their Job after", clock.Elapsed.TotalSeconds, "s")];
    }

    private static async Task ClearAsync(HostProcess host, PodFollower follower, string path, CancellationToken cancellation)
    {
        await host.Api.DeleteAsync(path, cancellation);
        await follower.WaitAsync(f => f.Count == 0, Bound, cancellation);
    }

    private const string Selector = """ "selector":{"matchLabels":{"app":"w"}} """;

    private static byte[] Set(string policy, int replicas) =>
        Json("StatefulSet", "apps/v1", $$"""{{Selector}},"serviceName":"w","podManagementPolicy":"{{policy}}","replicas":{{replicas}},"template":{{Template("Always", "sleep 3600")}}""");

    private static byte[] Json(string kind, string version, string spec) =>
        Encoding.UTF8.GetBytes($$"""{"apiVersion":"{{version}}","kind":"{{kind}}","metadata":{"name":"w"},"spec":{ {{spec}} } }""");

    private static string Template(string restart, string line) => $$$"""
        {"metadata":{"labels":{"app":"w"}},"spec":{"restartPolicy":"{{{restart}}}","terminationGracePeriodSeconds":1,"containers":[
         {"name":"c","image":"orchestrator/sample:1","command":["sh","-c","{{{line}}}"],"resources":{"requests":{"cpu":"10m","memory":"16Mi"} } } ] } }
        """;
}
