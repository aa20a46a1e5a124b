using System.Text;

namespace Orchestrator.Benchmarks;

/// <summary>What it costs to place pods that look at each other, and to make room for important ones, on simulated nodes of 32 CPUs.</summary>
internal sealed class SchedulingBenchmark : IBenchmark
{
    private const int Nodes = 100;
    private const string First = "orchestrator/sample:1";
    private const string Second = "orchestrator/sample:2";
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(4);

    public string Name => "scheduling";

    public string What => "1,000 pods without constraints, spread over 100 nodes, and apart from another app; 500 pods of high priority on full nodes";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        await using var host = await HostProcess.StartAsync($"--runtime simulated --simulated-nodes {Nodes}", null, cancellation);
        await using var follower = await PodFollower.StartAsync(host.Api, cancellation);
        await host.Api.PostAsync(Samples.Deployments, Samples.Deployment("warm", 300), cancellation);
        await follower.WaitAsync(f => f.Ready >= 300, Bound, cancellation);
        await ClearAsync();
        foreach (var (name, value) in ((string, int)[])[("low", -10), ("high", 1000)])
        {
            await host.Api.PostAsync("/apis/scheduling.k8s.io/v1/priorityclasses", Encoding.UTF8.GetBytes(
                $$"""{"apiVersion":"scheduling.k8s.io/v1","kind":"PriorityClass","metadata":{"name":"{{name}}"},"value":{{value}}}"""), cancellation);
        }

        List<Figure> figures = [];
        const string Spread = """
            "topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"kubernetes.io/hostname","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"w"}}}],
            """;
        const string Apart = """
            "affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"other"}}}]}},
            """;
        foreach (var (what, more) in ((string, string)[])[("no constraint", ""), ("spread over nodes", Spread), ("apart from another app", Apart)])
        {
            figures.AddRange(await MeasureAsync($"1,000 pods, {what}", 1_000, Deployment("w", 1_000, First, "10m", more), f => f.Ready >= 1_000));
            await ClearAsync();
        }

        // Ten pods of 3 CPUs fill a node.
        await host.Api.PostAsync(Samples.Deployments, Deployment("low", 10 * Nodes, First, "3", "\"priorityClassName\":\"low\","), cancellation);
        await follower.WaitAsync(f => f.Ready >= 10 * Nodes, Bound, cancellation);
        figures.AddRange(await MeasureAsync("500 pods by preemption of 500", 500, Deployment("high", 500, Second, "3", "\"priorityClassName\":\"high\","), f => f.ReadyWith(Second) >= 500));
        return figures;

        async Task<IReadOnlyList<Figure>> MeasureAsync(string what, int pods, byte[] deployment, Func<PodFollower, bool> isDone)
        {
            run.Tell(what);
            var (cpu, done) = (host.Cpu, follower.WaitAsync(isDone, Bound, cancellation));
            await host.Api.PostAsync(Samples.Deployments, deployment, cancellation);
            var taken = await done;
            return [new($"{what}: ready", pods / taken.TotalSeconds, "/s"), new($"{what}: host's CPU per pod", (host.Cpu - cpu).TotalMicroseconds / pods, "µs")];
        }

        async Task ClearAsync()
        {
            await host.Api.DeleteAsync(Samples.Deployments, cancellation);
            await follower.WaitAsync(f => f.Count == 0, Bound, cancellation);
        }
    }

    private static byte[] Deployment(string name, int replicas, string image, string cpu, string more) => Encoding.UTF8.GetBytes(
        $$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{name}}}"},"spec":{"replicas":{{{replicas}}},"selector":{"matchLabels":{"app":"{{{name}}}"} },
        "template":{"metadata":{"labels":{"app":"{{{name}}}"} },"spec":{{{{more}}}"terminationGracePeriodSeconds":1,"containers":[{"name":"web","image":"{{{image}}}",
        "resources":{"requests":{"cpu":"{{{cpu}}}","memory":"16Mi"} } }] } } } }
        """);
}
