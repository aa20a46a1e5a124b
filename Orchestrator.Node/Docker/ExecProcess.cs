using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Docker.DotNet;

namespace Orchestrator.Node.Docker;

/// <summary>The host process of an exec in a container.</summary>
internal static class ExecProcess
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until a command has ended. Its output can end before, if it closes it or if the engine is slow to notice.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> ExitCodeAsync(DockerClient docker, string exec, CancellationToken cancellation)
    {
        while (true)
        {
            var state = await EngineCalls.BoundAsync(token => docker.Exec.InspectContainerExecAsync(exec, token), cancellation).ConfigureAwait(false);
            if (!state.Running)
            {
                return (int)state.ExitCode;
            }

            await Task.Delay(Pause, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Kills it and its children if the pid belongs to that container; the engine may run on another host.</summary>
    /// <returns>Whether it was killed.</returns>
    public static bool End(int pid, string container)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            if (!File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cgroup")).Contains(container, StringComparison.Ordinal))
            {
                return false;
            }

            process.Kill(entireProcessTree: true);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException or UnauthorizedAccessException or Win32Exception or AggregateException)
        {
            // Already exited, or not permitted.
            return false;
        }
    }
}
