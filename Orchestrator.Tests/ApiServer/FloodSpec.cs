using System.Collections.Concurrent;
using System.Net;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.ApiServer;

/// <summary>Clients that ask for more than they take: requests over HTTP/2 that are cancelled as soon as they are sent, and answers that nobody reads.</summary>
public sealed class FloodSpec
{
    private const int Cancelled = 20_000;
    private const int Unread = 400;
    private const int Parallel = 200;
    private const long MostMb = 600;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_flood_costs_bounded_memory_and_others_are_answered()
    {
        await using var node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1));
        var large = new string('x', 900_000);
        for (var i = 0; i < 5; i++)
        {
            await node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", $$$"""{"metadata":{"name":"m{{{i}}}"},"data":{"text":"{{{large}}}"}}""");
        }

        using var flood = TokenClient.Of(node);
        using var other = TokenClient.Of(node);
        var wrong = new ConcurrentQueue<string>();
        using var over = new CancellationTokenSource();
        var watching = OthersAsync(other, wrong, over.Token);

        // Reset as soon as they are sent ("rapid reset").
        await System.Threading.Tasks.Parallel.ForEachAsync(Enumerable.Range(0, Cancelled), new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (i, _) =>
        {
            using var reset = new CancellationTokenSource();
            var answer = flood.SendAsync(Request(i % 2 == 0 ? "/api/v1/configmaps" : "/api/v1/configmaps?watch=true"), HttpCompletionOption.ResponseHeadersRead, reset.Token);
            await reset.CancelAsync();
            await answer.ContinueWith(a => a.Exception is null && !a.IsCanceled ? a.Result : null, TaskScheduler.Default).ContinueWith(a => a.Result?.Dispose(), TaskScheduler.Default);
        });

        // Lists of 4.5 MB and watches, of which nothing is read. The server may close the connections of those before.
        using var idle = TokenClient.Of(node);
        var unread = await Task.WhenAll(Enumerable.Range(0, Unread).Select(i => idle.SendAsync(Request(i % 2 == 0 ? "/api/v1/configmaps" : "/api/v1/configmaps?watch=true"), HttpCompletionOption.ResponseHeadersRead)));
        Assert.All(unread, a => Assert.Equal((HttpVersion.Version20, HttpStatusCode.OK), (a.Version, a.StatusCode)));
        Assert.InRange(ResidentMb(node), 1, MostMb);
        foreach (var answer in unread)
        {
            answer.Dispose();
        }

        await over.CancelAsync();
        Assert.True(await watching > 10, "hardly any other request was answered");
        Assert.True(wrong.IsEmpty, string.Join(Environment.NewLine, wrong.Take(20)));
        Assert.DoesNotContain("level=error", node.Output, StringComparison.Ordinal);
    }

    // Asks one thing after the other on a connection of its own.
    private static async Task<int> OthersAsync(HttpClient client, ConcurrentQueue<string> wrong, CancellationToken over)
    {
        var answered = 0;
        while (!over.IsCancellationRequested)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri("/api/v1/namespaces/default", UriKind.Relative), CancellationToken.None).WaitAsync(Bound, CancellationToken.None);
                answered += answer.IsSuccessStatusCode ? 1 : 0;
                if (!answer.IsSuccessStatusCode)
                {
                    wrong.Enqueue($"answered with {(int)answer.StatusCode}");
                }
            }
            catch (TimeoutException)
            {
                wrong.Enqueue($"no answer within {Bound.TotalSeconds} s");
            }
        }

        return answered;
    }

    private static HttpRequestMessage Request(string path) =>
        new(HttpMethod.Get, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private static long ResidentMb(NodeProcess node) =>
        long.Parse(File.ReadLines($"/proc/{node.Pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) / 1024;
}
