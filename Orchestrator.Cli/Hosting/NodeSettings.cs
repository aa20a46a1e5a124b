namespace Orchestrator.Cli.Hosting;

/// <summary>The effective settings of a node, as its program resolves them from flags, environment and file.</summary>
internal sealed record NodeSettings(string ApiAddress, IReadOnlySet<string> Roles, string NodeName, string Runtime)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public bool HasApi => Roles.Contains("control");

    public bool IsWorker => Roles.Contains("worker");

    /// <exception cref="UsageException">The program rejected them; the message is from the program.</exception>
    public static async Task<NodeSettings> AskAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var run = await ProgramRun.RunAsync(program, [.. arguments, "--print-settings"], Bound, cancellation)
            ?? throw new CliException($"{program} did not print its settings within {Bound.TotalSeconds:0} s: check whether this machine is overloaded, then try again.");
        return run.ExitCode == 0 ? Parse(run.Output)
            : throw new UsageException(run.Error.Trim() is { Length: > 0 } said ? said.Replace($"{NodeProcess.Program}: ", "", StringComparison.Ordinal) : $"{program} ended with exit code {run.ExitCode}.");
    }

    public static NodeSettings Parse(string output)
    {
        var settings = output.Split('\n').Select(l => l.Split('=', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1].Trim());
        return new NodeSettings(settings["api-address"], settings["roles"].Split(',').ToHashSet(), settings["node-name"], settings["runtime"]);
    }
}
