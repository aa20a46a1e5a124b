namespace Orchestrator.Tests.Kit;

/// <summary>The containers of one node in the Docker engine, asked of the engine itself.</summary>
internal static class Containers
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    /// <summary>The engine that the docker program speaks to.</summary>
    public static Uri Engine { get; } = new(Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } host ? host : "unix:///var/run/docker.sock");

    /// <summary>Identity, start and restarts of each container of the node, stopped ones too.</summary>
    public static async Task<IReadOnlyList<(string Id, string Started, string State, string Pod)>> ListAsync(string node)
    {
        var ids = await IdsAsync(node);
        if (ids.Length == 0)
        {
            return [];
        }

        const string format = "{{.Id}}|{{.State.StartedAt}}|{{.State.Status}}|{{index .Config.Labels \"io.kubernetes.pod.uid\"}}";
        var lines = await Command.RunAsync("docker", ["inspect", "--format", format, .. ids], Bound);
        return [.. Lines(lines.Output).Select(l => l.Split('|')).Select(f => (f[0], f[1], f[2], f[3]))];
    }

    public static async Task RemoveAllAsync(string node)
    {
        if (await IdsAsync(node) is { Length: > 0 } ids)
        {
            await Command.RunAsync("docker", ["rm", "-f", "-v", .. ids], Bound);
        }
    }

    private static async Task<string[]> IdsAsync(string node) => Lines((await Command.RunAsync(
        "docker", ["ps", "-aq", "--no-trunc", "--filter", $"label=orchestrator.io/node={node}"], Bound)).Succeeded());

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
