using System.Globalization;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.StatefulSets;

/// <summary>A pod of a stateful set. Its name is its identity.</summary>
/// <param name="Outline">Its outline.</param>
/// <param name="Ordinal">Its number, the end of its name.</param>
/// <param name="Revision">Name of the ControllerRevision that it was made from.</param>
internal sealed record StatefulPod(PodOutline Outline, int Ordinal, string Revision)
{
    /// <summary>Label with the name of the revision.</summary>
    public const string RevisionLabel = "controller-revision-hash";

    /// <summary>Name of the pod.</summary>
    public string Name => Outline.Object.Name;

    /// <summary>Whether it is being deleted.</summary>
    public bool IsLeaving => Outline.Object.IsDeleting;

    /// <summary>Whether it runs, is ready and is not being deleted.</summary>
    public bool IsHealthy => Outline is { IsActive: true, IsReady: true, Object.Phase: "Running" };

    /// <summary>Reads a pod; null if its name is none that the stateful set gives.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="set">Name of the stateful set.</param>
    public static StatefulPod? Of(PodOutline pod, string set) =>
        OrdinalOf(pod.Object.Name, set) is { } ordinal ? new StatefulPod(pod, ordinal, pod.Object.Labels.GetValueOrDefault(RevisionLabel, "")) : null;

    /// <summary>The number of a pod; null if its name is none that the stateful set gives.</summary>
    public static int? OrdinalOf(string name, string set) =>
        name.StartsWith(set + "-", StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(set.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)
        && NameOf(set, ordinal) == name // No leading zeros.
            ? ordinal : null;

    /// <summary>Name of the pod of a number.</summary>
    public static string NameOf(string set, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{set}-{ordinal}");
}
