using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Entities;

/// <summary>The acting half of an entity whose kind acts on its own. On the entity's thread only.</summary>
public interface IReconciler
{
    /// <summary>Something that the object is responsible for changed at a revision, or its time has come.</summary>
    void Wake(long cause);

    /// <summary>The object itself changed.</summary>
    void Changed(long revision);

    /// <summary>Takes what the entity was sent on its behalf.</summary>
    /// <returns>False when it is none of its messages.</returns>
    bool Take(object message, KubeObject? state);

    /// <summary>The entity stops: it is passivated, moved to another host, or has failed. What was not finished must be taken up again.</summary>
    /// <param name="hasFailed">Whether it could not store or read its history: nobody knows what it was about to do.</param>
    void Stopped(bool hasFailed);
}

/// <summary>The entity that a reconciler acts for.</summary>
/// <param name="Key">Its object.</param>
/// <param name="Self">Its actor.</param>
/// <param name="Timers">Its timers: they die with the actor, so no behaviour may depend on one.</param>
/// <param name="Log">Its log.</param>
public sealed record EntityContext(ObjectKey Key, IActorRef Self, ITimerScheduler Timers, ILoggingAdapter Log);
