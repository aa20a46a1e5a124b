using System.Collections.Immutable;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;

namespace Orchestrator.Actors.Reconcile;

/// <summary>What a <see cref="ReconcileLoop"/> needs of the entity that it runs in.</summary>
internal interface IReconcileEffects
{
    /// <summary>The clock.</summary>
    TimeProvider Time { get; }

    /// <summary>The cache that the controller reads.</summary>
    IClusterView View { get; }

    /// <summary>The revision up to which the cache has applied the journal.</summary>
    long CacheRevision { get; }

    /// <summary>Number of commands that were sent with <see cref="Send"/> and are neither answered nor given up.</summary>
    int Open { get; }

    /// <summary>Creates a suffix for a generated name.</summary>
    string NewSuffix();

    /// <summary>Calls <see cref="ReconcileLoop.CacheReached"/> once the cache has reached a revision; never before this method returns.</summary>
    void AwaitCache(long revision);

    /// <summary>Calls <see cref="ReconcileLoop.WaitForCache"/> after a delay of at most half a second.</summary>
    void Pause(TimeSpan delay);

    /// <summary>Sends a command whose reply comes back through <see cref="ReconcileLoop.Acknowledge"/> or <see cref="ReconcileLoop.GiveUp"/>.</summary>
    void Send(int index, ObjectCommand command);

    /// <summary>Sends a command whose reply counts for nothing.</summary>
    void Tell(ObjectCommand command);

    /// <summary>Asks the reconcile trigger to wake the object after a delay.</summary>
    void WakeAfter(TimeSpan delay);

    /// <summary>The commands of a plan were rejected, and the next try has to wait.</summary>
    void BackedOff(ImmutableArray<RejectedCommand> rejected, TimeSpan delay);
}
