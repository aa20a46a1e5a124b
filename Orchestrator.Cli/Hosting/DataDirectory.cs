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
    public void Delete() => Mounts.Delete(Path);

    private string In(params ReadOnlySpan<string> names) => System.IO.Path.Combine([Path, .. names]);
}
