namespace Orchestrator.Benchmarks;

/// <summary>What clients cost that watch large objects and take nothing of them.</summary>
internal sealed class SlowWatchesBenchmark : IBenchmark
{
    // A kind whose objects may be as large as any.
    private const string Large = "/apis/apps/v1/namespaces/default/controllerrevisions";
    private const int Objects = 3;
    private const int Size = 1_450_000;
    // The host returns memory when it has been quiet for a while.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(100);

    public string Name => "slow";

    public string What => "memory with 2,000 watches of three objects of 1.45 MB whose clients take nothing (500 without --long), and after them";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        var watches = run.IsLong ? 2_000 : 500;
        await using var host = await HostProcess.StartAsync("--runtime simulated", null, cancellation);
        for (var i = 0; i < Objects; i++)
        {
            await host.Api.PostAsync(Large, System.Text.Encoding.UTF8.GetBytes(
                $$$"""{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"large-{{{i}}}"},"revision":1,"data":{"text":"{{{new string('x', Size)}}}"}}"""), cancellation);
        }

        var before = host.RssMb;
        run.Tell($"opening {watches} watches");
        var open = new List<Stream>();
        for (var i = 0; i < watches; i += 50)
        {
            open.AddRange(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => host.Api.OpenAsync($"{Large}?watch=true", cancellation))));
        }

        await Task.Delay(TimeSpan.FromSeconds(5), cancellation);
        var with = host.RssMb;
        var answered = await Load.RunAsync(8, 200, TimeSpan.FromSeconds(30), (_, c) => host.Api.GetAsync("/api/v1/namespaces/default", c), cancellation);
        foreach (var stream in open)
        {
            await stream.DisposeAsync();
        }

        run.Tell("waiting for the memory to come back");
        await Task.Delay(Rest, cancellation);
        return
        [
            new("RSS before", before, "MB"),
            new($"RSS with {watches:N0} watches of {Objects} x 1.45 MB, nothing taken", with, "MB"),
            new("a watch", (with - before) * 1024 / watches, "KB"),
            new("get meanwhile, p99", answered.Percentile(0.99), "ms"),
            new($"RSS {Rest.TotalSeconds:0} s after they closed", host.RssMb, "MB"),
        ];
    }
}
