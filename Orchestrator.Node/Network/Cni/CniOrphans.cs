using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Orchestrator.Node.Network.Cni;

/// <summary>Plugins that an agent before this one began and did not see the end of. It was killed, and they go on: what they add after it was taken back would be nobody's.</summary>
internal static class CniOrphans
{
    private const string Processes = "/proc";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    /// <summary>Ends them, and the plugins that they run themselves.</summary>
    /// <param name="namespaces">Paths of the network namespaces for which they were begun.</param>
    public static void End(IEnumerable<string> namespaces)
    {
        var theirs = namespaces.Select(n => $"CNI_NETNS={n}").ToHashSet(StringComparer.Ordinal);
        foreach (var id in theirs.Count == 0 ? [] : Directory.EnumerateDirectories(Processes).Select(Path.GetFileName).Where(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            if (Environment(id!).Any(theirs.Contains))
            {
                End(int.Parse(id!, CultureInfo.InvariantCulture));
            }
        }
    }

    private static string[] Environment(string id)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(Processes, id, "environ"))).Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // It is gone.
        }
    }

    private static void End(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
            process.WaitForExit(Bound);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
