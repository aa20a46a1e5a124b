namespace Orchestrator.Actors.Journal;

/// <summary>Takes committed batches in journal order. Called on the writer's thread before the batch is acknowledged: must only enqueue.</summary>
public interface ICommitSink
{
    /// <summary>A batch that is durable; revisions rise within and across calls.</summary>
    void Publish(IReadOnlyList<Committed> batch);
}
