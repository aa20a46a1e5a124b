using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Logs;

namespace Orchestrator.Actors.Entities;

/// <summary>Logs the Kubernetes Events that an operator should see, when the entities of this host have stored them: so each is logged by one host. An object
/// and a reason have one line per minute at most. Thread-safe.</summary>
/// <param name="log">The log.</param>
/// <param name="time">The clock.</param>
public sealed class EventLog(ILoggingAdapter log, TimeProvider time)
{
    /// <summary>Minimum time between two lines of an object and a reason. 1 min.</summary>
    public static readonly TimeSpan Gap = TimeSpan.FromMinutes(1);

    /// <summary>The same for a pod that no node can run: it waits, and each change of a node is another message. 1 h.</summary>
    public static readonly TimeSpan WaitingGap = TimeSpan.FromHours(1);

    // In Kubernetes, too, these are Normal.
    private static readonly string[] NotQuiteNormal = ["NodeNotReady", "TaintManagerEviction"];
    private readonly RepeatLimit _limit = new();
    private readonly Lock _lock = new();

    /// <summary>Logs the Kubernetes Events of an event that is in the journal.</summary>
    public void Take(ObjectKey key, ObjectEvent stored)
    {
        foreach (var recorded in stored.RecordedEvents.Where(r => r.Type == "Warning" || NotQuiteNormal.Contains(r.Reason)))
        {
            if (Count(key, recorded) is > 0 and var count)
            {
                log.Warn(recorded.Message, ("object", key), ("reason", recorded.Reason), ("count", count), ("source", recorded.Component), ("revision", stored.Revision));
            }
        }
    }

    private int Count(ObjectKey key, RecordedEvent recorded)
    {
        lock (_lock)
        {
            return _limit.Take(key.PersistenceId, recorded.Reason, recorded.Count, recorded.Reason == "FailedScheduling" ? WaitingGap : Gap, time.GetUtcNow());
        }
    }
}
