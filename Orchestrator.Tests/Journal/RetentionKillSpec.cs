using System.Text.Json.Nodes;
using Orchestrator.Actors.Journal;
using Orchestrator.Tests.Kit;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Tests.Journal;

public class RetentionKillSpec
{
    private const int Objects = 600;
    private const int Changes = 9;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_host_that_is_killed_while_it_compacts_loses_nothing()
    {
        using var folder = new TempFolder();
        var path = folder.File("journal.db");
        await WriteOldAsync(path);
        using var table = new JournalTable(path);
        var head = table.Head();

        await using var node = await NodeProcess.StartAsync(new NodeSettings("simulated", 1, ["--journal", path]));
        await ReachedAsync(table, node, m => m.Folded > 0);
        await node.KillAsync();
        Assert.InRange(table.Retention().Folded, 1, head - 1);
        await node.RestartAsync();
        await VerifyAsync(node, head);

        await ReachedAsync(table, node, m => m.Compacted > 0);
        await node.KillAsync();
        Assert.InRange(table.Retention().Compacted, 1, head - 1);
        await node.RestartAsync();
        await VerifyAsync(node, head);

        await ReachedAsync(table, node, m => m.Compacted >= head - 1);
        await VerifyAsync(node, head);
        var history = await node.AskAsync(HttpMethod.Get, "/apis/history.orchestrator.io/v1/core/configmaps/default/m7");
        Assert.Empty(history["items"]!.AsArray());
        Assert.StartsWith("2020-01-02", (string)history["metadata"]!["historyBegins"]!, StringComparison.Ordinal);


        var gone = await Assert.ThrowsAsync<HttpRequestException>(() => node.AskAsync(HttpMethod.Get, "/apis/history.orchestrator.io/v1/core/configmaps/default/gone"));
        Assert.Contains("history begins after 2020-01-02", gone.Message, StringComparison.Ordinal);

        // Who watched before the last start has missed what is deleted.
        var watch = await node.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=5");
        Assert.Equal(("ERROR", 410), ((string)watch["type"]!, (int)watch["object"]!["code"]!));

        // And life goes on where it was.
        var changed = await node.AskAsync(HttpMethod.Patch, "/api/v1/namespaces/default/configmaps/m7", """{"data":{"more":"x"} }""", "application/merge-patch+json");
        Assert.Equal(($"{Changes}", "u7"), ((string)changed["metadata"]!["labels"]!["step"]!, (string)changed["metadata"]!["uid"]!));
        Assert.Equal(Changes + 2, table.HighestSequenceNr("configmaps/default/m7"));
    }

    private static Task ReachedAsync(JournalTable table, NodeProcess node, Func<RetentionMark, bool> holds) =>
        Poll.UntilAsync(() => Task.FromResult(holds(table.Retention())), Bound, () => $"the compaction goes on; it is at {table.Retention()}; the node said {node.Output}");

    private static async Task VerifyAsync(NodeProcess node, long head)
    {
        var list = await node.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/configmaps");
        Assert.True(long.Parse((string)list["metadata"]!["resourceVersion"]!, null) >= head);
        Assert.Equal(
            Enumerable.Range(0, Objects).Select(n => ($"m{n}", $"u{n}", $"{Changes}")).Order(),
            list["items"]!.AsArray().Where(o => (string?)o!["metadata"]!["name"] != PodAccount.RootCertificates).Select(o => ((string)o!["metadata"]!["name"]!, (string)o["metadata"]!["uid"]!, (string)o["metadata"]!["labels"]!["step"]!)).Order());
    }

    private static async Task WriteOldAsync(string path)
    {
        using var table = new JournalTable(path);
        await using var writer = new JournalWriter(table, null);
        for (var step = 0; step <= Changes; step++)
        {
            var at = new DateTimeOffset(2020, 1, 1, step, 0, 0, TimeSpan.Zero);
            await writer.AppendAsync([.. Enumerable.Range(0, Objects).Select(n => Entry($"configmaps/default/m{n}", step + 1,
                step == 0 ? "created" : "updated", at, step == 0 ? Object(n) : new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["step"] = $"{step}" } } }))]);
        }

        // Gone long ago, and one more that is the last.
        var late = new DateTimeOffset(2020, 1, 2, 0, 0, 0, TimeSpan.Zero);
        await writer.AppendAsync(
        [
            Entry("configmaps/default/gone", 1, "created", late, ConfigMapHistory.Created("configmaps/default/gone", 0)),
            Entry("configmaps/default/gone", 2, "deleted", late, null),
            Entry("configmaps/default/last", 1, "created", late, ConfigMapHistory.Created("configmaps/default/last", 0)),
            Entry("configmaps/default/last", 2, "deleted", late, null),
        ]);
    }

    private static JsonObject Object(int n)
    {
        var o = ConfigMapHistory.Created($"configmaps/default/m{n}", n);
        o["metadata"]!["labels"]!["step"] = "0";
        return o;
    }

    private static JournalEntry Entry(string id, long nr, string verb, DateTimeOffset at, JsonObject? delta) =>
        JournalEntry.Of(new Committed(id, nr, new ObjectEvent($"configmap.{verb}.1", at, "test", 0, delta)));
}
