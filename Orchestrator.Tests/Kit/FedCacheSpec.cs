using Akka.TestKit.Xunit2;

namespace Orchestrator.Tests.Kit;

/// <summary>A spec of an actor between a cache that it feeds by hand and a region that it plays itself; time moves when the spec says so.</summary>
public abstract class FedCacheSpec(string config = "") : TestKit($"{ControlledTime.Config}\n{config}"), IAsyncLifetime
{
    /// <summary>How long a step of the actor may take.</summary>
    protected static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private protected ControlledTime Time { get; } = new();

    private protected FedCache Fed { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync() => Fed = await FedCache.StartAsync();

    /// <inheritdoc/>
    public async Task DisposeAsync() => await Fed.DisposeAsync();
}
