using Orchestrator.Tests.Kit;
using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Workers;

/// <summary>The cluster of the kubectl specs as two processes: one with the API and no node, and a worker that joined it on loopback.</summary>
public sealed class ControlAndWorkerCluster : KubectlCluster
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private NodeProcess? _worker;

    internal override string Nodes => _worker!.Name;

    public override async Task DisposeAsync()
    {
        if (_worker is not null)
        {
            await _worker.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    private protected override async Task<NodeProcess> StartAsync()
    {
        var control = await NodeProcess.StartAsync(new NodeSettings(Options: ["--roles", "control"]));
        try
        {
            var settings = new NodeSettings(Seed: control);
            _worker = await NodeProcess.StartAsync(settings);
            await Poll.UntilAsync(
                async () => (await control.AskAsync(HttpMethod.Get, "/api/v1/nodes"))["items"]!.AsArray().Count(IsReady) == settings.SimulatedNodes,
                Bound, () => $"the worker's nodes are ready; it said: {_worker.Output}");
            return control;
        }
        catch
        {
            await control.DisposeAsync();
            throw;
        }
    }

    private static bool IsReady(System.Text.Json.Nodes.JsonNode? node) => (node!["status"]?["conditions"]?.AsArray() ?? [])
        .Any(c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True");
}

/// <summary>The specs of pods once more, on two processes.</summary>
[CollectionDefinition(Name)]
public sealed class ControlAndWorkerCollection : ICollectionFixture<ControlAndWorkerCluster>
{
    public const string Name = "control and worker";
}
