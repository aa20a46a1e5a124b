using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Orchestrator.Cli.Hosting;

/// <summary>The orchestrator-node process of a data directory.</summary>
internal static class NodeProcess
{
    public const string Program = "orchestrator-node";
    private const int Terminate = 15;
    private const int KillNow = 9;

    /// <summary>Returns the pid in the data directory if it is a running node. The command line is checked too, because pids are reused.</summary>
    public static int? Running(DataDirectory data)
    {
        if (!Presence.IsThere(data.Pid) || !int.TryParse(Presence.Read(data.Pid).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
        {
            return null;
        }

        return IsNode(pid) ? pid : null;
    }

    public static bool IsNode(int pid)
    {
        try
        {
            var arguments = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
            return arguments.Take(2).Any(a => Path.GetFileNameWithoutExtension(a) == Program || Path.GetFileName(a) == Program);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No such process, or not ours.
            return false;
        }
    }

    /// <summary>Path of the node's program: in the folder of orc, else on PATH.</summary>
    public static string Find(string beside, string? path)
    {
        var folders = ((string[])[beside]).Concat((path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
        return folders.Select(f => Path.Combine(f, Program)).FirstOrDefault(File.Exists)
            ?? throw new CliException($"{Program} was not found in {beside} or on PATH: build it with 'dotnet publish Orchestrator.Node -o artifacts/bin'.");
    }

    /// <summary>Starts the program in its own session, so that it outlives orc and its terminal.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, DataDirectory data)
    {
        PrivateFile.Prepare(data.Log);

        // The shell only opens the log; with exec the node has its pid.
        const string script = """log=$1; shift; if command -v setsid >/dev/null; then exec setsid "$@" >>"$log" 2>&1 </dev/null; else trap '' HUP; exec "$@" >>"$log" 2>&1 </dev/null; fi""";
        var start = new ProcessStartInfo("/bin/sh", ["-c", script, "orc", data.Log, program, .. arguments]) { UseShellExecute = false };
        return Process.Start(start) ?? throw new CliException($"{program} did not start.");
    }

    public static void Stop(int pid, bool isForced)
    {
        if (Kill(pid, isForced ? KillNow : Terminate) != 0 && Marshal.GetLastPInvokeError() is var error and not 3)
        {
            throw new CliException($"The node (pid {pid}) could not be signalled: {Marshal.GetPInvokeErrorMessage(error)}. Run the command as the user who started it.");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
