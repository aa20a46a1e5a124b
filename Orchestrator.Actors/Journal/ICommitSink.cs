namespace Orchestrator.Actors.Journal;

/// <summary>Receives committed batches in journal order. Called on the writer's thread before the batch is acknowledged, so it must only enqueue.</summary>
public interface ICommitSink
{
    /// <summary>Receives a durable batch; revisions increase within and across calls.</summary>
    void Publish(IReadOnlyList<Committed> batch);
}
