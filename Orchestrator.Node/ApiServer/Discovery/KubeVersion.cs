using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Node.ApiServer.Discovery;

/// <summary>The order in which the versions of a group are preferred: stable ones, then beta, then alpha, each with the highest number first; everything
/// else by name (Kubernetes, "Versions in CustomResourceDefinitions", "Version priority").</summary>
internal static partial class KubeVersion
{
    /// <summary>The most preferred version comes first.</summary>
    public static readonly IComparer<string> Order = Comparer<string>.Create((x, y) => Rank(x).CompareTo(Rank(y)) is var order && order != 0 ? order : string.CompareOrdinal(x, y));

    private static (int Stage, long Major, long Minor) Rank(string version)
    {
        var match = Form().Match(version);
        return !match.Success ? (3, 0, 0)
            : (match.Groups["stage"].Value switch { "" => 0, "beta" => 1, _ => 2 }, -Number(match.Groups["major"]), -Number(match.Groups["minor"]));
    }

    private static long Number(Group group) => group.Success ? long.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex("^v(?<major>[0-9]{1,9})((?<stage>alpha|beta)(?<minor>[0-9]{1,9}))?\\z")]
    private static partial Regex Form();
}
