using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Node.Docker;

/// <summary>A command in a container, as a process of the host.</summary>
internal static class ExecProcess
{
    /// <summary>Kills it with all that it started, if the number is of a process in that container: the engine may run on another host.</summary>
    /// <returns>Whether it was.</returns>
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
            // It ended by itself, or it is not ours to kill.
            return false;
        }
    }
}
