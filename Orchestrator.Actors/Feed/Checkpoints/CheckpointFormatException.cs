namespace Orchestrator.Actors.Feed.Checkpoints;

/// <summary>A checkpoint is damaged, or was written by another program or for another journal. The cache can be computed without it.</summary>
internal sealed class CheckpointFormatException(string message, Exception? inner = null) : Exception(message, inner);
