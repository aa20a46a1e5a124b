using System.Collections.Immutable;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Asks an agent which logs it keeps of pods that it has removed.</summary>
/// <param name="Namespace">Namespace of the pods.</param>
/// <param name="Pod">Their name.</param>
public sealed record FindKeptLogs(string Namespace, string Pod) : IWireMessage;

/// <summary>The answer to <see cref="FindKeptLogs"/>.</summary>
/// <param name="Logs">What is kept; empty if nothing is.</param>
public sealed record FoundKeptLogs(ImmutableArray<KeptLog> Logs) : IWireMessage;

/// <summary>A log that is kept: of one attempt of a container.</summary>
/// <param name="PodUid">Uid of its pod.</param>
/// <param name="Container">Its name.</param>
/// <param name="Attempt">0 for the first start.</param>
/// <param name="Bytes">Its size, with the time of each line.</param>
/// <param name="RemovedAt">When it was removed.</param>
public sealed record KeptLog(string PodUid, string Container, int Attempt, long Bytes, DateTimeOffset RemovedAt);

/// <summary>Asks an agent to open a log that it keeps; it answers <see cref="LogOpened"/>.</summary>
/// <param name="Namespace">Namespace of the pod.</param>
/// <param name="Pod">Its name.</param>
/// <param name="PodUid">Its uid.</param>
/// <param name="Container">The container.</param>
/// <param name="Attempt">Its attempt.</param>
/// <param name="TailLines">Number of lines from the end; null for all.</param>
/// <param name="Since">Time of the first line; null for the start of the log.</param>
/// <param name="HasTimestamps">Whether each line starts with a timestamp.</param>
/// <param name="LimitBytes">Maximum number of bytes; null for no limit.</param>
public sealed record OpenKeptLog(string Namespace, string Pod, string PodUid, string Container, int Attempt, long? TailLines, DateTimeOffset? Since,
    bool HasTimestamps, long? LimitBytes) : IWireMessage;
