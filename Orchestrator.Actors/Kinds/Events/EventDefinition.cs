using k8s.Models;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
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
        Facts = EventSchema.Facts,
        ShortNames = ["ev"],
        NameRule = Names.PathSegment,
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

    /// <summary>The same objects in the group <c>events.k8s.io</c>.</summary>
    public static readonly ResourceDefinition EventsV1 = new()
    {
        Group = "events.k8s.io",
        Kind = Instance.Kind,
        Plural = Instance.Plural,
        Model = typeof(Eventsv1Event),
        ShortNames = Instance.ShortNames,
        NameRule = Instance.NameRule,
        Columns =
        [
            Column.Since("Last Seen", "deprecatedLastTimestamp"),
            Column.Field("Type", "type"),
            Column.Field("Reason", "reason"),
            new("Object", r => $"{r.Text("regarding.kind")?.ToLowerInvariant()}/{r.Text("regarding.name")}"),
            Column.Field("Message", "note"),
        ],
        FieldLabels =
        [
            .. Instance.FieldLabels,
            .. ((string[])["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"]).Select(f => new FieldLabel($"regarding.{f}", o => Leaf(o, $"involvedObject.{f}"))),
            new("reportingController", o => Leaf(o, "reportingComponent")),
        ],
        View = new(Instance, EventConversion.FromCore, EventConversion.ToCore),
    };
}
