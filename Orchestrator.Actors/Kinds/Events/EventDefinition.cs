using k8s.Models;
using Orchestrator.Actors.Resources;
using static Orchestrator.Actors.Resources.FieldLabel;

namespace Orchestrator.Actors.Kinds.Events;

/// <summary>Events, as <c>kubectl describe</c> and <c>kubectl events</c> read them.</summary>
public static class EventDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "Event",
        Plural = "events",
        Model = typeof(Corev1Event),
        ShortNames = ["ev"],
        NameRule = _ => null,
        Columns =
        [
            Column.Since("Last Seen", "lastTimestamp"),
            Column.Field("Type", "type"),
            Column.Field("Reason", "reason"),
            new("Object", r => $"{r.Text("involvedObject.kind")?.ToLowerInvariant()}/{r.Text("involvedObject.name")}"),
            Column.Field("Source", "source.component", isWide: true),
            Column.Field("Message", "message"),
            Column.Since("First Seen", "firstTimestamp", isWide: true),
            Column.Field("Count", "count", "1", isWide: true),
            new("Name", r => r.Object.Name, true),
        ],
        FieldLabels =
        [
            Text("involvedObject.kind"), Text("involvedObject.namespace"), Text("involvedObject.name"), Text("involvedObject.uid"),
            Text("involvedObject.apiVersion"), Text("involvedObject.resourceVersion"), Text("involvedObject.fieldPath"),
            Text("reason"), Text("reportingComponent"), Text("type"),
            new("source", o => Leaf(o, "source.component") is { Length: > 0 } component ? component : Leaf(o, "reportingComponent")),
        ],
    };
}
