using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>A simulated cluster that measures its pods and asks its autoscalers every second.</summary>
public sealed class MeteredCluster : KubectlCluster
{
    private readonly TempFolder _folder = new();

    private protected override async Task<NodeProcess> StartAsync()
    {
        var config = Path.Combine(_folder.Path, "metered.conf");
        await File.WriteAllTextAsync(config, "orchestrator { metric-resolution = 1s, horizontal-pod-autoscaler { sync-period = 1s, cpu-initialization-period = 0s, downscale-stabilization = 10s } }\n");
        return await NodeProcess.StartAsync(new NodeSettings(Options: ["--config", config]));
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>The specs that share the process; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class MeteredCollection : ICollectionFixture<MeteredCluster>
{
    public const string Name = "metered";
}
