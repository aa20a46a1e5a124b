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

    /// <summary>Ends a command that still runs. The engine API cannot stop one, so its process is killed on the host if it runs there.</summary>
    public static async Task EndAsync(DockerClient docker, string exec, string container, CancellationToken cancellation)
    {
        try
        {
            var state = await EngineCalls.BoundAsync(token => docker.Exec.InspectContainerExecAsync(exec, token), cancellation).ConfigureAwait(false);
            if (state is { Running: true, Pid: > 0 })
            {
                End((int)state.Pid, container);
            }
        }
        catch (DockerApiException)
        {
            // The container is gone and the command with it.
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
