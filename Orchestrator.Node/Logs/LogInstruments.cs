using System.Diagnostics.Metrics;
using Orchestrator.Actors.Monitoring;

namespace Orchestrator.Node.Logs;

/// <summary>Metrics of the log.</summary>
internal static class LogInstruments
{
    /// <summary>Lines that were not written.</summary>
    public static readonly Counter<long> Dropped =
        Instruments.Counter("orchestrator_log_dropped_lines_total", "Lines of the log that were dropped, because they could not be written fast enough or at all.");
}
