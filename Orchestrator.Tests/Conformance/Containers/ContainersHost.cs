using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Conformance.Containers;

/// <summary>A host with real containers on which all pods of the table run at once.</summary>
[CollectionDefinition(Name)]
public sealed class ContainersHost : IAsyncLifetime, ICollectionFixture<ContainersHost>
{
    public const string Name = "containers";

    // Prints what it is asked to by default, and has a command of its own.
    private const string Echo = "orchestrator/echo:1";
    private const string Space = "/api/v1/namespaces/default";
    private const int Parallel = 8;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private readonly Dictionary<string, Task> _changes = [];
    private NodeProcess _node = null!;

    internal NodeProcess Node => _node;

    public async Task InitializeAsync()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        (await Command.RunAsync("sh", ["-c", $"""
            c=$(docker create {SampleImage.First}) && docker export $c | docker import --change 'ENTRYPOINT ["/bin/echo","entry"]' --change 'CMD ["default"]' - {Echo} && docker rm $c
            """], Bound)).Succeeded();
        _node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        const string Data = """{ "data-1": "value-1\n", "data-2": "value-2\n", "data-3": "value-3\n" }""";
        await _node.AskAsync(HttpMethod.Post, $"{Space}/configmaps", $$"""{ "metadata": { "name": "conf" }, "data": {{Data}}, "binaryData": { "dump": "3q2+7xI=" } }""");
        await _node.AskAsync(HttpMethod.Post, $"{Space}/secrets", $$"""{ "metadata": { "name": "keys" }, "stringData": {{Data}} }""");
        await _node.CreateNamespaceAsync("elsewhere");
        await _node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/elsewhere/secrets", """{ "metadata": { "name": "keys" }, "stringData": { "data-1": "of elsewhere" } }""");
        await System.Threading.Tasks.Parallel.ForEachAsync(PodTable.All, new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (row, _) =>
        {
            foreach (var o in row.Objects)
            {
                await PutAsync(o);
            }

            await _node.AskAsync(HttpMethod.Post, $"{Space}/pods", row.Pod().ToJsonString());
        });
        foreach (var row in PodTable.All.Where(r => r.Then.Any()))
        {
            _changes[row.Name] = ChangeAsync(row);
        }

        // The node has no room for the pods of other specs before. What does not end is told by its row.
        try
        {
            await Poll.UntilAsync(async () => (await _node.AskAsync(HttpMethod.Get, $"{Space}/pods?fieldSelector=status.phase!%3DSucceeded,status.phase!%3DFailed&limit=1"))["items"]!.AsArray().Count == 0,
                Bound, () => "all have ended");
        }
        catch (TimeoutException)
        {
        }
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    /// <summary>Waits until a pod has ended.</summary>
    internal async Task<JsonNode> EndedAsync(PodCase row)
    {
        await (_changes.GetValueOrDefault(row.Name) ?? Task.CompletedTask);
        JsonNode? pod = null;
        await Poll.UntilAsync(async () => (string?)(pod = await _node.AskAsync(HttpMethod.Get, $"{Space}/pods/{row.Name}"))["status"]!["phase"] is "Succeeded" or "Failed",
            Bound, () => $"{row.Name} ends: {pod?["status"]?.ToJsonString()}");
        return pod!;
    }

    /// <summary>The lines of the log of a pod's main container that are not empty.</summary>
    internal async Task<IReadOnlyList<string>> LogAsync(PodCase row) => Lines(await _node.ReadAsync($"{Space}/pods/{row.Name}/log?container=main"));

    /// <summary>The lines of a text that are not empty.</summary>
    internal static IReadOnlyList<string> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // Once it has said something, it has seen what was there before.
    private async Task ChangeAsync(PodCase row)
    {
        await Poll.UntilAsync(async () => (string?)(await _node.AskAsync(HttpMethod.Get, $"{Space}/pods/{row.Name}"))["status"]!["phase"] == "Running" && (await LogAsync(row)).Count > 0,
            Bound, () => $"{row.Name} runs");
        foreach (var change in row.Then)
        {
            if (change["pod"] is { } patch)
            {
                await _node.AskAsync(HttpMethod.Patch, $"{Space}/pods/{row.Name}", patch.ToJsonString(), ApiSpace.Merge);
            }
            else
            {
                await PutAsync(change);
            }
        }
    }

    private async Task PutAsync(JsonObject o)
    {
        var (resource, name) = ((string?)o["kind"] == "Secret" ? "secrets" : "configmaps", (string)o["name"]!);
        if (o["delete"] is not null)
        {
            await _node.AskAsync(HttpMethod.Delete, $"{Space}/{resource}/{name}");
            return;
        }

        var body = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, [resource == "secrets" ? "stringData" : "data"] = o["data"]!.DeepClone() };
        var known = (await _node.AskAsync(HttpMethod.Get, $"{Space}/{resource}"))["items"]!.AsArray().Any(i => (string)i!["metadata"]!["name"]! == name);
        await (known ? _node.AskAsync(HttpMethod.Put, $"{Space}/{resource}/{name}", body.ToJsonString()) : _node.AskAsync(HttpMethod.Post, $"{Space}/{resource}", body.ToJsonString()));
    }
}
