using System.Collections.Immutable;

namespace Orchestrator.Node.Network.Cni;

/// <summary>The versions of the CNI specification in which plugins are spoken to. Pure.</summary>
internal static class CniVersions
{
    /// <summary>From this one on plugins can be asked whether a network is as they made it, and are told when they remove it what they had made.</summary>
    public const string WithCheck = "0.4.0";

    /// <summary>From this one on plugins say whether they are ready, and can be told which networks are still used.</summary>
    public const string WithStatus = "1.1.0";

    /// <summary>Those that are known, newest first.</summary>
    public static readonly ImmutableArray<string> Known = ["1.1.0", "1.0.0", "0.4.0", "0.3.1", "0.3.0"];

    /// <summary>Whether a known version is another one or newer.</summary>
    public static bool Reaches(string version, string least) => Known.IndexOf(version) <= Known.IndexOf(least);

    /// <summary>The newest version in which everybody can talk; null if there is none.</summary>
    /// <param name="offered">Versions of the configuration.</param>
    /// <param name="plugins">Versions of each plugin.</param>
    public static string? Newest(IEnumerable<string> offered, IReadOnlyCollection<IReadOnlyCollection<string>> plugins) =>
        Known.FirstOrDefault(v => offered.Contains(v) && plugins.All(p => p.Contains(v)));
}
