using System.Text.Json;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Journal;

/// <summary>The fold of an object's events, used by its entity and by the cache alike.</summary>
public static class ObjectState
{
    /// <summary>Whether a failure to restore or apply says that the history is not one this program can read; anything else is a fault of its own.</summary>
    public static bool IsUnreadable(Exception e) => e is InvalidOperationException or FormatException or JsonException;

    /// <summary>The object after an event; null when it is gone. Pure and total.</summary>
    /// <exception cref="InvalidOperationException">The history is not one that an entity can write.</exception>
    public static KubeObject? Apply(ResourceDefinition kind, KubeObject? before, ObjectEvent e)
    {
        if (e.Damage is not null)
        {
            throw new InvalidOperationException($"Row {e.Revision} of the journal cannot be read: {e.Damage}");
        }

        if (!e.Manifest.EndsWith(".1", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"Event {e.Manifest} is of a version that this program does not know.");
        }

        if (e.IsDeletion)
        {
            return null;
        }

        if (before is null && !e.IsCreation)
        {
            throw new InvalidOperationException($"Event {e.Manifest} at {e.Revision} changes an object that does not exist.");
        }

        // An entity and the cache of its host fold the same event: whoever comes second takes what the first made.
        if (e.Outcome(before) is { } known)
        {
            return known;
        }

        var after = KubeObject.Next(kind, e.IsCreation ? null : before, e.Delta ?? [], e.Revision);
        e.Remember(before, after);
        return after;
    }
}
