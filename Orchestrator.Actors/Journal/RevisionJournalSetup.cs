using Akka.Actor.Setup;

namespace Orchestrator.Actors.Journal;

/// <summary>Tells the journal of an actor system where its committed batches go.</summary>
/// <param name="sink">Called before a batch is acknowledged.</param>
public sealed class RevisionJournalSetup(ICommitSink sink) : Setup
{
    /// <summary>The receiver of committed batches.</summary>
    public ICommitSink Sink { get; } = sink;
}
