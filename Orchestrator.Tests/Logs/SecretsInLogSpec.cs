using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Logs;

/// <summary>What must not be in a log, whatever its level.</summary>
public sealed class SecretsInLogSpec
{
    private const string Value = "correct-horse-battery-staple";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly string Encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(Value));

    [Fact]
    public async Task Values_of_secrets_and_tokens_are_not_logged()
    {
        await using var node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1, Options: ["--log-format", "json", "--log-level", "debug"]));
        const string secrets = "/api/v1/namespaces/default/secrets";
        var whole = $$"""{ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "s" }, "data": { "password": "{{Encoded}}" } }""";
        await node.AskAsync(HttpMethod.Post, secrets, whole);
        (HttpMethod Method, string Path, string Body, string Type)[] refused =
        [
            (HttpMethod.Post, secrets, whole, "application/json"),
            (HttpMethod.Post, secrets, whole[..^1], "application/json"),
            (HttpMethod.Post, secrets, whole.Replace(Encoded, Value, StringComparison.Ordinal), "application/json"),
            (HttpMethod.Post, secrets, $"password: {Value}\n- {Value}: [", "application/yaml"),
            (HttpMethod.Post, secrets, whole, "application/vnd.kubernetes.protobuf"),
            (HttpMethod.Put, secrets + "/s", whole.Replace("\"name\"", "\"resourceVersion\": \"1\", \"name\"", StringComparison.Ordinal), "application/json"),
            (HttpMethod.Patch, secrets + "/s", $$"""{ "data": { "password": "{{Value}}" } }""", "application/merge-patch+json"),
            (HttpMethod.Patch, secrets + "/s", $$"""[ { "op": "test", "path": "/data/password", "value": "{{Value}}" } ]""", "application/json-patch+json"),
        ];
        foreach (var (method, path, body, type) in refused)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => node.AskAsync(method, path, body, type));
        }

        using var stranger = new HttpRequestMessage(HttpMethod.Get, secrets);
        stranger.Headers.Authorization = new("Bearer", Value);
        using var answer = await node.Anonymous.SendAsync(stranger);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(0, await node.StopAsync());

        var lines = node.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length > 10, "the log of level debug has lines");
        Assert.All(lines, line => Assert.NotNull((string?)JsonNode.Parse(line)!["time"]));
        AssertSilent(node.Output, [Value, Encoded, await File.ReadAllTextAsync(Path.Combine(node.DataDir, "pki", "admin.token"))]);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port={0};Username=u;Password={1};Timeout=2", 1)]
    [InlineData("postgres://u:{1}@127.0.0.1:{0}/db?Timeout=2", 1)]
    [InlineData("Host=127.0.0.1;Port={0};Username=u;Password={1};Passwrd={1}", 2)]
    [InlineData("postgres://u:{1}@:{0}/db", 2)]
    public async Task The_password_of_a_database_is_not_logged(string journal, int exitCode)
    {
        using var data = new TempFolder();
        var text = string.Format(System.Globalization.CultureInfo.InvariantCulture, journal, FreePort.Next(), Value);
        var run = await Command.RunAsync(Path.Combine(AppContext.BaseDirectory, "orchestrator-node"),
            ["--data-dir", data.Path, "--runtime", "simulated", "--api-address", FreePort.Address().ToString(), "--log-level", "debug"], Bound,
            environment: new Dictionary<string, string> { ["ORCHESTRATOR_JOURNAL"] = text });
        run.EndedWith(exitCode);
        Assert.NotEqual("", run.Output + run.Error);
        AssertSilent(run.Output + run.Error, [Value]);
    }

    private static void AssertSilent(string said, IReadOnlyList<string> hidden) =>
        Assert.All(hidden.Select(h => h.Trim()), h => Assert.DoesNotContain(h, said, StringComparison.OrdinalIgnoreCase));
}
