using System.Text.Json;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Cli.Hosting;

/// <summary>Paths in the data directory of a node.</summary>
internal sealed record DataDirectory(string Path)
{
    public string Authority => In("pki", "ca.crt");

    public string Kubeconfig => In("admin.kubeconfig");

    public string Log => In("node.log");

    public string Pid => In("node.pid");

    public string Ready => In("ready");

    /// <summary>The id with which its containers are labelled.</summary>
    public string Installation => In("node.id");

    /// <summary>Address of the engine that runs them.</summary>
    public string DockerHost => In("docker.host");

    /// <summary>The arguments of the last start, one per line.</summary>
    public string Arguments => In("node.arguments");

    public static string Default(Func<string, string?> environment) =>
        environment("ORCHESTRATOR_DATA_DIR") is { Length: > 0 } chosen ? chosen
        : Environment.IsPrivilegedProcess ? "/var/lib/orchestrator"
        : System.IO.Path.Combine(environment("HOME") ?? "/", ".orchestrator");

    public static DataDirectory At(string? option) => new(System.IO.Path.GetFullPath(option ?? Default(Environment.GetEnvironmentVariable)));

    /// <summary>Deletes the directory. Mounted volumes are unmounted first, so that files of the host are not deleted through a mount.</summary>
    /// <exception cref="IOException">Something cannot be unmounted or deleted; the message names it.</exception>
    public void Delete()
    {
        ReleaseVolumes();
        Mounts.Delete(Path);
    }

    // What CSI drivers have mounted for pods is elsewhere; the agent's records of it are here.
    private void ReleaseVolumes()
    {
        var pods = In("pods");
        foreach (var record in !Directory.Exists(pods) ? [] : Directory.GetDirectories(pods).Select(p => System.IO.Path.Combine(p, "csi")).Where(Directory.Exists).SelectMany(Directory.GetFiles))
        {
            foreach (var mounted in Mounted(record))
            {
                Mounts.Release(mounted);
            }
        }
    }

    private static IReadOnlyList<string> Mounted(string record)
    {
        try
        {
            using var read = JsonDocument.Parse(File.ReadAllText(record));
            return [.. ((string[])["Target", "Staging"]).Select(n => read.RootElement.TryGetProperty(n, out var path) ? path.GetString() : null).OfType<string>()];
        }
        catch (JsonException)
        {
            // Its agent died while it wrote the record, before anything was mounted.
            return [];
        }
    }

    private string In(params ReadOnlySpan<string> names) => System.IO.Path.Combine([Path, .. names]);
}
