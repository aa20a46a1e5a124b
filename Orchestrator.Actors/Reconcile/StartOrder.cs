using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Reconcile;

/// <summary>A workload that others start after.</summary>
/// <param name="Completion">How far it is.</param>
/// <param name="StartsAfter">What it waits for itself; nothing once it has started.</param>
/// <param name="IsFinal">Whether what is complete stays so.</param>
internal sealed record StartTarget(Completion Completion, IReadOnlyList<ObjectKey> StartsAfter, bool IsFinal = false);

/// <summary>Why a workload does not start yet.</summary>
/// <param name="Reason">Reason of the condition and of the event.</param>
/// <param name="Message">A sentence.</param>
/// <param name="NeedsHelp">Whether waiting alone does not end it.</param>
internal sealed record StartWait(string Reason, string Message, bool NeedsHelp);

/// <summary>Decides whether a workload may start. Pure.</summary>
internal static class StartOrder
{
    /// <summary>Returns why a workload has to wait; null if it may start.</summary>
    /// <param name="self">The workload.</param>
    /// <param name="after">What it names.</param>
    /// <param name="find">Finds a workload; null if there is none.</param>
    public static StartWait? Wait(ObjectKey self, IReadOnlyList<ObjectKey> after, Func<ObjectKey, StartTarget?> find)
    {
        var open = after.Select(k => (Key: k, Target: find(k))).Where(t => t.Target?.Completion != Completion.Complete).ToList();
        if (open.Count == 0)
        {
            return null;
        }

        if (Cycle(self, open.Select(t => t.Key), find) is { } cycle)
        {
            return new StartWait("StartCycle", $"Never starts: {string.Join(" starts after ", cycle.Select(StartAfter.Text))}. Remove one of these from its annotation {StartAfter.Annotation}.", true);
        }

        if (open.Where(t => t.Target?.Completion == Completion.Failed).ToList() is { Count: > 0 } failed)
        {
            return new StartWait("TargetFailed", $"Waits for {List(failed)}, which failed: replace it, or remove it from the annotation {StartAfter.Annotation}", true);
        }

        return open.Where(t => t.Target is null).ToList() is { Count: > 0 } missing
            ? new StartWait("TargetNotFound", $"Waits for {List(missing)}, which does not exist", true)
            : new StartWait("WaitingForTargets", $"Waits for {List(open)} before pods are created", false);
    }

    private static string List(IEnumerable<(ObjectKey Key, StartTarget?)> targets) => string.Join(", ", targets.Select(t => StartAfter.Text(t.Key)));

    // The shortest way back through workloads that wait: one that is complete waits for nobody.
    private static List<ObjectKey>? Cycle(ObjectKey self, IEnumerable<ObjectKey> after, Func<ObjectKey, StartTarget?> find)
    {
        var ways = new Queue<List<ObjectKey>>(after.Select(k => new List<ObjectKey> { self, k }));
        var seen = new HashSet<ObjectKey>();
        while (ways.TryDequeue(out var way))
        {
            if (way[^1] == self)
            {
                return way;
            }

            if (seen.Add(way[^1]) && find(way[^1]) is { Completion: Completion.Incomplete } waiting)
            {
                foreach (var next in waiting.StartsAfter)
                {
                    ways.Enqueue([.. way, next]);
                }
            }
        }

        return null;
    }
}
