using System.Globalization;
using Orchestrator.Actors.Api;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>How often a deployment has rolled for its configuration of late. One whose pods write their own configuration would roll for ever: each roll after the
/// first few waits twice as long as the one before.</summary>
/// <param name="Rolls">Number of rolls, none of them long after the one before.</param>
/// <param name="Last">Time of the last one.</param>
internal readonly record struct ConfigPace(int Rolls, DateTimeOffset Last)
{
    /// <summary>On a deployment: the pace, such as <c>4, 2026-11-27T10:15:00Z</c>.</summary>
    public const string Annotation = "orchestrator.io/config-rolls";

    /// <summary>Number of rolls that do not wait.</summary>
    public const int Free = 5;

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>Reads the pace of a deployment; what is not readable, or not over yet, counts as none.</summary>
    public static ConfigPace Of(V1Deployment d, DateTimeOffset now) =>
        d.GetAnnotation(Annotation)?.Split(", ") is [var rolls, var last]
        && int.TryParse(rolls, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && DateTimeOffset.TryParse(last, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time <= now ? new(number, time) : default;

    /// <summary>Earliest time of the next roll.</summary>
    public DateTimeOffset Next => Rolls < Free ? Last : Last + TimeSpan.FromSeconds(Math.Min(Shortest.TotalSeconds * Math.Pow(2, Rolls - Free), Longest.TotalSeconds));

    /// <summary>The pace with a roll more. After twice the longest wait it begins anew.</summary>
    public ConfigPace Rolled(DateTimeOffset now) => new(now - Last > 2 * Longest ? 1 : Rolls + 1, now);

    /// <summary>The value of the annotation.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rolls}, {KubeTime.Text(Last)}");
}
