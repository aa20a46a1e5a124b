using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Benchmarks;

/// <summary>How fast each kind of workload gets its pods, on simulated nodes.</summary>
internal sealed class WorkloadsBenchmark : IBenchmark
{
    private const int Nodes = 200;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(4);

    public string Name => "workloads";

    public string What => "500 Deployments at once, StatefulSets of 1,000, a DaemonSet on 200 nodes, rollouts of 300 and 3,000, a Job of 2,000 pods, 1,000 CronJobs of one minute, an autoscaler";

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

        foreach (var replicas in (int[])[300, 3_000])
        {
            await host.Api.PostAsync(Samples.Deployments, Samples.Deployment("roll", replicas), cancellation);
            await follower.WaitAsync(f => f.Ready >= replicas, Bound, cancellation);
            const string Second = "orchestrator/sample:2";
            var image = new JsonObject { ["name"] = "web", ["image"] = Second };
            await MeasureAsync($"rollout of {replicas:N0}, 25 % at a time", replicas,
                () => host.Api.PatchAsync($"{Samples.Deployments}/roll", new JsonObject { ["spec"] = new JsonObject { ["template"] = new JsonObject { ["spec"] = new JsonObject { ["containers"] = new JsonArray(image) } } } }, cancellation),
                f => f.Count == replicas && f.ReadyWith(Second) == replicas);
            await ClearAsync(host, follower, Samples.Deployments, cancellation);
        }

        const string Jobs = "/apis/batch/v1/namespaces/default/jobs";
        run.Tell("Job of 2,000 pods, 200 at a time");
        var (before, clock) = (host.Cpu, Stopwatch.StartNew());
        await host.Api.PostAsync(Jobs, Json("Job", "batch/v1", $$"""
            "completions":2000,"parallelism":200,"template":{{Template("Never", "exit 0")}}
            """), cancellation);
        await UntilAsync(async () => (int?)(await host.Api.GetJsonAsync($"{Jobs}/w", cancellation))["status"]?["succeeded"] is 2_000, cancellation);

        figures.Add(new("Job of 2,000 pods, 200 at a time: pods", 2_000 / clock.Elapsed.TotalSeconds, "/s"));
        figures.Add(new("Job of 2,000 pods, 200 at a time: host's CPU per pod", (host.Cpu - before).TotalMicroseconds / 2_000, "µs"));
        await host.Api.DeleteAsync($"{Jobs}/w?propagationPolicy=Background", cancellation);
        await follower.WaitAsync(f => f.Count == 0, Bound, cancellation);
        figures.Add(await AutoscalerAsync(host, run, cancellation));
        figures.AddRange(await CronJobsAsync(host, run, cancellation));
        return figures;
    }

    // The metric is pushed, so that what is measured is the autoscaler and not the interval in which agents measure.
    private static async Task<Figure> AutoscalerAsync(HostProcess host, BenchmarkRun run, CancellationToken cancellation)
    {
        const string Metrics = "/apis/external.metrics.k8s.io/v1beta1/namespaces/default";
        run.Tell("an autoscaler and a metric that rises five times");
        await host.Api.PostAsync(Samples.Deployments, Samples.Deployment("queue", 1), cancellation);
        await PushAsync(1);
        await host.Api.PostAsync("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", Encoding.UTF8.GetBytes("""
            {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"queue"},"spec":{"minReplicas":1,"maxReplicas":10,
             "scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"queue"},
             "metrics":[{"type":"External","external":{"metric":{"name":"length"},"target":{"type":"AverageValue","averageValue":"10"}}}]}}
            """), cancellation);
        List<double> taken = [];
        for (var wanted = 2; wanted <= 6; wanted++)
        {
            var clock = Stopwatch.StartNew();
            await PushAsync((10 * wanted) - 1);
            await UntilAsync(async () => (int?)(await host.Api.GetJsonAsync($"{Samples.Deployments}/queue", cancellation))["spec"]!["replicas"] == wanted, cancellation);
            taken.Add(clock.Elapsed.TotalSeconds);
        }

        return new("autoscaler, metric pushed to replicas changed (median of 5)", taken.Order().ElementAt(2), "s");

        Task PushAsync(int value) => host.Api.PostAsync(Metrics, Encoding.UTF8.GetBytes($$"""{"items":[{"metricName":"length","value":"{{value}}"}]}"""), cancellation);
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
        await UntilAsync(async () => (await host.Api.GetJsonAsync("/apis/batch/v1/namespaces/default/jobs", cancellation))["items"]!.AsArray()
            .Count(j => ((string)j!["metadata"]!["name"]!).EndsWith(suffix, StringComparison.Ordinal)) >= Count, cancellation);

        return [new($"{Count:N0} CronJobs due in one minute: all have their Job after", clock.Elapsed.TotalSeconds, "s")];
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, CancellationToken cancellation)
    {
        for (var clock = Stopwatch.StartNew(); !await holds(); await Task.Delay(50, cancellation))
        {
            if (clock.Elapsed > Bound)
            {
                throw new TimeoutException($"not within {Bound.TotalMinutes} min");
            }
        }
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
