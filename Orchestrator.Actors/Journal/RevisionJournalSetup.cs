using Akka.Actor.Setup;

namespace Orchestrator.Actors.Journal;

/// <summary>Sets the receiver of committed batches for an actor system.</summary>
/// <param name="sink">Called before a batch is acknowledged.</param>
public sealed class RevisionJournalSetup(ICommitSink sink) : Setup
{
    /// <summary>The receiver of committed batches.</summary>
    public ICommitSink Sink { get; } = sink;
}
