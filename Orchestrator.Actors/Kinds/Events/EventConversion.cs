using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Kinds.Events;

/// <summary>Converts Events between the core group, in which they are stored, and <c>events.k8s.io</c>, which has other field names. Pure.</summary>
internal static class EventConversion
{
    private static readonly (string Core, string Events)[] Names =
    [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
        ("reportingComponent", "reportingController"),
    ];

    /// <summary>Converts from the core group.</summary>
    public static JsonObject FromCore(JsonObject o) => Renamed(o, n => n.Core, n => n.Events);

    /// <summary>Converts to the core group.</summary>
    public static JsonObject ToCore(JsonObject o) => Renamed(o, n => n.Events, n => n.Core);

    private static JsonObject Renamed(JsonObject o, Func<(string Core, string Events), string> from, Func<(string Core, string Events), string> to)
    {
        foreach (var name in Names)
        {
            if (o.Remove(from(name), out var value))
            {
                o[to(name)] = value;
            }
        }

        return o;
    }
}
