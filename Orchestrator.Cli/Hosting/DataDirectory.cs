using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Cli.Hosting;

/// <summary>Where a node keeps its journal, keys, log and pid.</summary>
internal sealed record DataDirectory(string Path)
{
    public string Authority => In("pki", "ca.crt");

    public string Kubeconfig => In("admin.kubeconfig");

    public string Log => In("node.log");

    public string Pid => In("node.pid");

    public string Ready => In("ready");

    /// <summary>What the containers of this directory are labelled with.</summary>
    public string Installation => In("node.id");

    /// <summary>Where the engine listens that runs them.</summary>
    public string DockerHost => In("docker.host");

    /// <summary>The arguments of the last start, one a line.</summary>
    public string Arguments => In("node.arguments");

    public static string Default(Func<string, string?> environment) =>
        environment("ORCHESTRATOR_DATA_DIR") is { Length: > 0 } chosen ? chosen
        : Environment.IsPrivilegedProcess ? "/var/lib/orchestrator"
        : System.IO.Path.Combine(environment("HOME") ?? "/", ".orchestrator");

    public static DataDirectory At(string? option) => new(System.IO.Path.GetFullPath(option ?? Default(Environment.GetEnvironmentVariable)));

    /// <summary>Deletes it with all in it. Volumes of pods that are mounted there are unmounted first, so that what they show of the host stays.</summary>
    /// <exception cref="IOException">Something cannot be unmounted or deleted; the message names it.</exception>
    public void Delete() => Mounts.Delete(Path);

    private string In(params ReadOnlySpan<string> names) => System.IO.Path.Combine([Path, .. names]);
}
