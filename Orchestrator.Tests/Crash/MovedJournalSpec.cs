using System.Net;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Crash;

/// <summary>The files of the journal are moved, deleted or replaced below a running host: nothing is acknowledged that a restart would not find.</summary>
public sealed class MovedJournalSpec
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Writes_are_refused_while_the_file_is_away_and_go_on_when_it_is_back()
    {
        await using var node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1));
        var (file, away) = (Path.Combine(node.DataDir, "journal.db"), Path.Combine(node.DataDir, "away.db"));
        Assert.True(await WriteAsync(node, "before"));
        File.Move(file, away);
        for (var i = 0; i < 5; i++)
        {
            Assert.False(await WriteAsync(node, $"refused-{i}"));
        }

        await NotReadyAsync(node, "journal.db was moved or deleted");
        Assert.False(File.Exists(file), "no empty journal is created in its place");
        File.Move(away, file);
        Assert.True(await WriteAsync(node, "after"));
        await node.KillAsync();
        await node.RestartAsync();
        await ThereAsync(node, "before", "after");
    }

    [Fact]
    public async Task What_was_acknowledged_survives_the_deletion_of_the_write_ahead_log()
    {
        await using var node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1));
        Assert.True(await WriteAsync(node, "before"));
        File.Delete(Path.Combine(node.DataDir, "journal.db-wal"));
        Assert.False(await WriteAsync(node, "refused"));
        Assert.False(await WriteAsync(node, "refused-too"));
        await NotReadyAsync(node, "journal.db-wal was moved or deleted");
        await node.KillAsync();
        await node.RestartAsync();
        await ThereAsync(node, "before");
    }

    [Fact]
    public async Task A_file_that_was_replaced_is_not_the_journal()
    {
        await using var node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1));
        var (file, copy) = (Path.Combine(node.DataDir, "journal.db"), Path.Combine(node.DataDir, "copy.db"));
        Assert.True(await WriteAsync(node, "before"));
        File.Copy(file, copy);
        File.Move(copy, file, overwrite: true);
        Assert.False(await WriteAsync(node, "refused"));
        await NotReadyAsync(node, "journal.db was moved or deleted");
    }

    [Fact]
    public async Task A_data_directory_does_not_start_with_an_empty_journal()
    {
        await using var node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1));
        Assert.True(await WriteAsync(node, "before"));
        await node.StopAsync();
        foreach (var file in Directory.GetFiles(node.DataDir, "journal.db*"))
        {
            File.Delete(file);
        }

        var said = await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(node.RestartAsync);
        Assert.Contains(" and empty. Configure or restore the right one. To use this one instead, delete ", said.Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(node.DataDir, "journal.id"));
        await node.RestartAsync();
        Assert.True(await WriteAsync(node, "before"));
    }

    // Whether it was acknowledged; a refusal says what is wrong.
    private static async Task<bool> WriteAsync(NodeProcess node, string name)
    {
        try
        {
            await node.AskAsync(HttpMethod.Post, ConfigMaps, $$$"""{"metadata":{"name":"{{{name}}}"}}""");
            return true;
        }
        catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
        {
            Assert.Contains("The file of the journal was moved or deleted on the control host", e.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private static async Task NotReadyAsync(NodeProcess node, string reason)
    {
        using var ready = await node.Anonymous.GetAsync(new Uri("/readyz", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains(reason, await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task ThereAsync(NodeProcess node, params string[] names)
    {
        string[] found = [];
        await Poll.UntilAsync(async () =>
        {
            found = [.. (await node.AskAsync(HttpMethod.Get, ConfigMaps))["items"]!.AsArray().Select(o => (string)o!["metadata"]!["name"]!)];
            return found.Contains(names[0]);
        }, Bound, () => $"{names[0]} is there");
        Assert.Equal(names.Order(), found.Where(n => !n.StartsWith("kube-", StringComparison.Ordinal)).Order());
    }
}
