using System.Diagnostics.Metrics;
using Orchestrator.Actors.Monitoring;

namespace Orchestrator.Actors.Feed;

/// <summary>Metrics of watches.</summary>
internal static class WatchInstruments
{
    private static readonly Counter<long> TerminatedTotal =
        Instruments.Counter("apiserver_terminated_watchers_total", "Watches that were ended because their client was too slow.", "resource");

    /// <summary>A watch was ended because its client was too slow.</summary>
    public static void Terminated(string resource) => TerminatedTotal.Add(1, Instruments.Label("resource", resource));
}
