using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Crash;

/// <summary>The disk of the journal fills up and is freed again: every refused write says so at once, and all goes on by itself.</summary>
public sealed class FullDiskSpec : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();

    private string Disk => _folder.File("disk");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Disk);
        (await Command.RunAsync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", Disk], Bound)).Succeeded();
    }

    public async Task DisposeAsync()
    {
        (await Command.RunAsync("umount", ["-l", Disk], Bound)).Succeeded();
        _folder.Dispose();
    }

    [RootFact]
    public async Task Writes_are_refused_at_once_and_what_was_under_way_goes_on_when_there_is_room()
    {
        await using var node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1, Options: ["--journal", Path.Combine(Disk, "journal.db")]));
        await node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"before"},"data":{"a":"1"}}""");
        Fill();

        // Something is under way when there is no room any more.
        var refused = 0;
        for (var i = 0; i < 12; i++)
        {
            var since = Stopwatch.GetTimestamp();
            try
            {
                await node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", $$$"""{"metadata":{"name":"full-{{{i}}}"},"data":{"a":"{{{new string('x', 20_000)}}}"}}""");
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.InsufficientStorage)
            {
                refused++;
                Assert.Contains("The disk of the journal is full; nothing was stored.", e.Message, StringComparison.Ordinal);
                Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(4), "it is said at once, not after a time of hope");
            }
        }

        Assert.True(refused > 0, $"the disk is full; the node said: {node.Output}");
        using (var ready = await node.Anonymous.GetAsync(new Uri("/readyz", UriKind.Relative)))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "the disk of the journal is full; free space on it"), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));
        }

        Assert.Equal("1", (string?)(await node.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/configmaps/before"))["data"]!["a"]);
        File.Delete(Ballast);
        await node.AskAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/default/deployments", """
            {"metadata":{"name":"d"},"spec":{"replicas":3,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """);
        JsonNode? last = null;
        await Poll.UntilAsync(async () => (int?)(last = await node.AskAsync(HttpMethod.Get, "/apis/apps/v1/namespaces/default/deployments/d"))["status"]?["readyReplicas"] == 3, Bound,
            () => $"the deployment is ready: {last?["status"]?.ToJsonString()}");
        await Poll.UntilAsync(async () =>
        {
            using var ready = await node.Anonymous.GetAsync(new Uri("/readyz", UriKind.Relative));
            return ready.IsSuccessStatusCode;
        }, Bound, () => "the host is ready again");
    }

    private string Ballast => Path.Combine(Disk, "ballast");

    // As much as fits.
    private void Fill()
    {
        using var file = File.Create(Ballast, 1);
        var block = new byte[64 << 10];
        for (var size = block.Length; size > 0;)
        {
            try
            {
                file.Write(block, 0, size);
                file.Flush(true);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }
}
