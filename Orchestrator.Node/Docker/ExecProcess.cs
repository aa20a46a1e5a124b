using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Node.Docker;

/// <summary>The host process of an exec in a container.</summary>
internal static class ExecProcess
{
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
