using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Entities;

/// <summary>Runs the controller of an entity. Not thread-safe: called on the entity's thread only.</summary>
public interface IReconciler
{
    /// <summary>Called when something that concerns the object changed, or when it is due.</summary>
    void Wake(long cause);

    /// <summary>Called when the object itself changed.</summary>
    void Changed(long revision);

    /// <summary>Handles a message that the entity does not know.</summary>
    /// <returns>False if the message is not for the reconciler.</returns>
    bool Take(object message, KubeObject? state);

    /// <summary>Called when the entity stops because it is passivated, moves to another host, or failed. Unfinished work must be resumed later.</summary>
    /// <param name="hasFailed">Whether it failed to store or read its history, or stops while something is being stored. Then it must be woken again, because its pending work is unknown.</param>
    void Stopped(bool hasFailed);
}

/// <summary>The entity for which a reconciler runs.</summary>
/// <param name="Key">Its object.</param>
/// <param name="Self">Its actor.</param>
/// <param name="Owner">The owner of its timers. They end with the actor, so nothing may depend on one.</param>
/// <param name="Log">Its log.</param>
public sealed record EntityContext(ObjectKey Key, IActorRef Self, IWithTimers Owner, ILoggingAdapter Log);
