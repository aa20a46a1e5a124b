using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Docker;

/// <summary>A host on the Docker engine that several specs share; each makes pods of its own names.</summary>
public sealed class DockerHost : IAsyncLifetime
{
    public const string Name = "Docker host";

    internal NodeProcess Node { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        Node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
    }

    public Task DisposeAsync() => Node.DisposeAsync().AsTask();

    /// <summary>The engine's id of a container of a pod, or of its sandbox (<c>POD</c>): of the newest one, running or not; empty if there is none.</summary>
    internal async Task<string> ContainerAsync(string pod, string container) => (await Command.RunAsync("docker",
        ["ps", "-alq", "--no-trunc", "--filter", $"label=orchestrator.io/node={Node.Name}", "--filter", $"name=^/k8s_{container}_{pod}_default_"], TimeSpan.FromSeconds(30))).Succeeded().Trim();
}

/// <summary>The specs that share the host.</summary>
[CollectionDefinition(DockerHost.Name)]
public sealed class DockerHostCollection : ICollectionFixture<DockerHost>;
