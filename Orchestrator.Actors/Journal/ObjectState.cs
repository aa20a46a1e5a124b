using System.Text.Json;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Journal;

/// <summary>Applies events to objects, for entities and for the cache.</summary>
public static class ObjectState
{
    /// <summary>Whether an exception means that this program cannot read the history. Others are bugs or failures of the infrastructure.</summary>
    public static bool IsUnreadable(Exception e) => e is InvalidOperationException or FormatException or JsonException;

    /// <summary>Returns the object after an event; null if it is deleted. Pure.</summary>
    /// <exception cref="InvalidOperationException">The event cannot be applied to the object.</exception>
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

        // The entity and the cache of its host apply the same event; the second one reuses the result.
        if (e.Outcome(before) is { } known)
        {
            return known;
        }

        var after = KubeObject.Next(kind, e.IsCreation ? null : before, e.Delta ?? [], e.Revision);
        e.Remember(before, after);
        return after;
    }
}
