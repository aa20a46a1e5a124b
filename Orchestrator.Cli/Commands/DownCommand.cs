using System.CommandLine;
using Orchestrator.Cli.Hosting;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc down</c>: stops the node of a data directory; with --purge, also deletes its containers and data.</summary>
internal static class DownCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan DockerBound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan NetworkBound = TimeSpan.FromSeconds(90);

    public static Command Create(Setup setup)
    {
        var data = UpCommand.DataDir();
        var purge = Setup.Switch("Also delete the containers and the data directory of the node, including the journal", "--purge");
        var timeout = Setup.Bound("Time after which a node that does not stop is killed", "30s");
        return setup.Command("down", "Stops the node on this machine.", [data, purge, timeout],
        [
            "orc down             # keeps the journal; 'orc up' continues with it",
            "orc down --purge     # deletes everything",
        ], context => DownAsync(context, DataDirectory.At(context.Get(data)), context.Get(purge), context.Get(timeout)));
    }

    private static async Task<int> DownAsync(CommandContext context, DataDirectory data, bool isPurge, TimeSpan timeout)
    {
        if (isPurge && Presence.IsThere(data.Path) && !IsOurs(data))
        {
            throw new CliException($"{data.Path} is not the data directory of a node: specify it with --data-dir.");
        }

        if (NodeProcess.Running(data) is { } pid)
        {
            await Progress.WaitAsync(context.Io, $"Stopping the node (pid {pid})", tell => StopAsync(context, pid, timeout, tell));
            context.Out.WriteLine($"The node (pid {pid}) stopped.");
        }
        else
        {
            context.Out.WriteLine($"No node runs in {data.Path}.");
        }

        if (!Presence.IsThere(data.Path))
        {
            return ExitCodes.Ok;
        }

        File.Delete(data.Pid);
        File.Delete(data.Ready);
        if (isPurge)
        {
            await RemoveContainersAsync(context, data);
            await RemoveNetworkAsync(context, data);
            if (SavedOptions.Read(data).ContainsKey("--journal"))
            {
                context.Io.Error.WriteLine("The journal given with --journal is not deleted: delete it yourself if it is no longer needed.");
            }

            try
            {
                data.Delete();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CliException($"{data.Path} could not be removed completely: {e.Message} Fix this and run the command again.");
            }

            context.Out.WriteLine($"{data.Path} removed.");
        }

        return ExitCodes.Ok;
    }

    private static async Task<bool> StopAsync(CommandContext context, int pid, TimeSpan timeout, Action<string> tell)
    {
        NodeProcess.Stop(pid, isForced: false);
        if (await EndedAsync(context, pid, timeout))
        {
            return true;
        }

        tell($"The node (pid {pid}) did not stop within {Durations.Text(timeout)}: killing it");
        NodeProcess.Stop(pid, isForced: true);
        return await EndedAsync(context, pid, TimeSpan.FromSeconds(10)) ? true
            : throw new CliException($"The node (pid {pid}) did not exit after SIGKILL: it is blocked in the kernel; see /proc/{pid}/stack.");
    }

    private static async Task<bool> EndedAsync(CommandContext context, int pid, TimeSpan bound)
    {
        var since = context.Io.Time.GetTimestamp();
        while (NodeProcess.IsNode(pid))
        {
            if (context.Io.Time.GetElapsedTime(since) > bound)
            {
                return false;
            }

            await Task.Delay(Pause, context.Io.Time, context.Cancellation);
        }

        return true;
    }

    private static bool IsOurs(DataDirectory data) =>
        Presence.IsThere(data.Arguments) || Presence.IsThere(data.Pid) || Presence.IsThere(data.Authority) || !Directory.EnumerateFileSystemEntries(data.Path).Any();

    private static async Task RemoveContainersAsync(CommandContext context, DataDirectory data)
    {
        if (!Presence.IsThere(data.Installation))
        {
            return; // The node has never run a container.
        }

        var label = $"label=orchestrator.io/installation={(await File.ReadAllTextAsync(data.Installation, context.Cancellation)).Trim()}";
        string[] engine = File.Exists(data.DockerHost) ? ["-H", (await File.ReadAllTextAsync(data.DockerHost, context.Cancellation)).Trim()] : [];
        string[]? found;
        try
        {
            found = await DockerAsync([.. engine, "ps", "-aq", "--filter", label], context.Cancellation);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return; // Docker is not installed, so there are no containers.
        }

        if (found is null)
        {
            context.Io.Error.WriteLine($"Docker does not answer, so containers may remain: remove them with 'docker {string.Join(' ', engine)} rm -f $(docker {string.Join(' ', engine)} ps -aq --filter {label})'.");
        }
        else if (found.Length > 0)
        {
            await DockerAsync([.. engine, "rm", "-f", "-v", .. found], context.Cancellation);
            context.Out.WriteLine($"{found.Length} containers of {data.Path} removed.");
        }
    }

    // Interfaces, namespaces and packet rules of pods, which only root can have made.
    private static async Task RemoveNetworkAsync(CommandContext context, DataDirectory data)
    {
        if (!Environment.IsPrivilegedProcess || !Presence.IsThere(data.Installation))
        {
            return;
        }

        var program = NodeProcess.Find(AppContext.BaseDirectory, Environment.GetEnvironmentVariable("PATH"));
        var run = await ProgramRun.RunAsync(program, ["--data-dir", data.Path, "--remove-network"], NetworkBound, context.Cancellation);
        if (run is not { ExitCode: 0 })
        {
            throw new CliException($"The network of the pods could not be removed: {run?.Error.Trim() ?? $"it took longer than {Durations.Text(NetworkBound)}"} Fix this and run the command again.");
        }
    }

    private static async Task<string[]?> DockerAsync(string[] arguments, CancellationToken cancellation) =>
        await ProgramRun.RunAsync("docker", arguments, DockerBound, cancellation) is { ExitCode: 0 } run ? run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries) : null;
}
