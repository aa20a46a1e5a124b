using System.Net;
using Microsoft.Data.Sqlite;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Journal;

/// <summary>A row of the journal that cannot be read costs its own object: everything else starts, and nothing is written on top of it.</summary>
public sealed class DamagedRowSpec
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    [Theory]
    [InlineData("not JSON", "message", "nonsense")]
    [InlineData("cut in the middle", "message", "{\"at\":\"2026-01-01T00:00:00.00")]
    [InlineData("of another shape", "message", "[]")]
    [InlineData("without its author", "message", "{\"at\":\"2026-01-01T00:00:00.000000Z\",\"cause\":0}")]
    [InlineData("of a later version", "manifest", "configmap.created.2")]
    [InlineData("without a manifest", "manifest", "")]
    public async Task It_costs_its_own_object(string what, string column, string value)
    {
        await using var node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1));
        foreach (var name in (string[])["good", "bad"])
        {
            await node.AskAsync(HttpMethod.Post, Maps, $$$"""{"metadata":{"name":"{{{name}}}"},"data":{"k":"v"}}""");
        }

        await node.StopAsync();
        using (var journal = new SqliteConnection($"Data Source={Path.Combine(node.DataDir, "journal.db")};Pooling=False"))
        {
            journal.Open();
            using var damage = journal.CreateCommand();
            damage.CommandText = $"UPDATE journal SET {column} = @value WHERE persistence_id = 'configmaps/default/bad'";
            damage.Parameters.AddWithValue("@value", column == "message" ? System.Text.Encoding.UTF8.GetBytes(value) : value);
            Assert.Equal(1, damage.ExecuteNonQuery());
        }

        await node.RestartAsync();
        Assert.Equal("v", (string?)(await node.AskAsync(HttpMethod.Get, $"{Maps}/good"))["data"]!["k"]);
        Assert.Contains("good", (await node.AskAsync(HttpMethod.Get, Maps))["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!));
        foreach (var (method, path, body) in new[] { (HttpMethod.Get, $"{Maps}/bad", null), (HttpMethod.Post, Maps, """{"metadata":{"name":"bad"}}"""), (HttpMethod.Delete, $"{Maps}/bad", (string?)null) })
        {
            var refused = await Assert.ThrowsAsync<HttpRequestException>(() => node.AskAsync(method, path, body));
            Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
            Assert.Contains("the history of configmaps/default/bad cannot be read", refused.Message, StringComparison.Ordinal);
        }

        Assert.Contains("configmaps/default/bad", node.Output, StringComparison.Ordinal);
        Assert.NotEmpty(what);
    }
}
