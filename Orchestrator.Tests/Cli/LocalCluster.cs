using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Cli;

/// <summary>A cluster of simulated nodes that <c>orc up</c> started, in a directory and on a port of its own.</summary>
public sealed class LocalCluster : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    public string Data { get; } = Directory.CreateTempSubdirectory("orc-e2e-").FullName;

    public string Api { get; } = FreePort.Address().ToString();

    internal Task<CommandResult> OrcAsync(string line, string? input = null) => Command.RunAsync(
        Path.Combine(AppContext.BaseDirectory, "orc"), line.Split(' ', StringSplitOptions.RemoveEmptyEntries), Bound, input,
        new Dictionary<string, string> { ["KUBECONFIG"] = Path.Combine(Data, "admin.kubeconfig") });

    internal Task<CommandResult> UpAsync(string more = "") =>
        OrcAsync($"up --data-dir {Data} --api-address {Api} --runtime simulated --simulated-nodes 3 {more}");

    public async Task InitializeAsync() => (await UpAsync()).Succeeded();

    public async Task DisposeAsync()
    {
        (await OrcAsync($"down --purge --data-dir {Data}")).Succeeded();
        Assert.False(Directory.Exists(Data), "a purge leaves nothing");
    }
}
