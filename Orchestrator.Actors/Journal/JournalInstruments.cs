using System.Diagnostics.Metrics;
using Orchestrator.Actors.Monitoring;

namespace Orchestrator.Actors.Journal;

/// <summary>Metrics of the journal's writer.</summary>
internal static class JournalInstruments
{
    /// <summary>Events in one commit, counted when they are durable.</summary>
    public static readonly Counter<long> Events = Instruments.Counter("orchestrator_journal_events_total", "Events that this host has made durable.");

    /// <summary>Duration of a commit; one measurement per batch.</summary>
    public static readonly Histogram<double> BatchSeconds =
        Instruments.Seconds("orchestrator_journal_batch_seconds", "Time to make a batch of events durable.", 0.0005);

    private static readonly Counter<long> FailedWrites = Instruments.CounterFromZero("orchestrator_journal_failed_writes_total",
        "Writes that were answered with an error: full (no room, nothing stored), unavailable (nothing stored), unknown (stored or not), rejected (their rows).", "reason", "full", "unavailable", "unknown", "rejected");

    private static readonly Gauge<long> Full = Instruments.Gauge("orchestrator_journal_full", "Whether the last write found no room.");

    /// <summary>Counts writes that failed.</summary>
    public static void Failed(int writes, Exception error) => FailedWrites.Add(writes, Instruments.Label("reason", error switch
    {
        JournalFullException => "full",
        JournalUnavailableException => "unavailable",
        JournalOutcomeUnknownException => "unknown",
        _ => "rejected",
    }));

    /// <summary>Says whether the last write found no room.</summary>
    public static void IsFull(bool isFull) => Full.Record(isFull ? 1 : 0);
}
