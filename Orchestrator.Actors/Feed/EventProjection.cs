using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Actors.Feed;

/// <summary>Turns the notes of journal events into Kubernetes Event objects; equal ones are counted in one object. Bounded; not thread-safe.</summary>
internal sealed class EventProjection
{
    private const int Capacity = 5_000;
    private readonly Dictionary<(string Uid, string Reason, string Message), KubeObject> _known = [];
    private readonly Queue<(string, string, string)> _order = new();

    /// <summary>The Event objects before and after this journal event.</summary>
    public IEnumerable<(KubeObject? Was, KubeObject? Now)> Project(KubeObject? subject, ObjectEvent e)
    {
        if (subject is null || e.Notes.IsDefaultOrEmpty)
        {
            yield break;
        }

        foreach (var (note, i) in e.Notes.Select((n, i) => (n, i)))
        {
            var id = (subject.Uid, note.Reason, note.Message);
            var was = _known.GetValueOrDefault(id);
            var now = was is null ? First(subject, e, note, i) : Again(was, e);
            _known[id] = now;
            yield return (was, now);
            if (was is null)
            {
                _order.Enqueue(id);
                if (_order.Count > Capacity && _order.Dequeue() is var oldest && _known.Remove(oldest, out var gone))
                {
                    yield return (gone, null);
                }
            }
        }
    }

    private static KubeObject First(KubeObject subject, ObjectEvent e, EventNote note, int index)
    {
        var ns = subject.Namespace.Length > 0 ? subject.Namespace : "default";
        var at = Time(e.At);
        var reference = new JsonObject
        {
            ["kind"] = subject.Kind.Kind,
            ["name"] = subject.Name,
            ["uid"] = subject.Uid,
            ["apiVersion"] = subject.Kind.ApiVersion,
        };
        if (subject.Namespace.Length > 0)
        {
            reference["namespace"] = subject.Namespace;
        }

        return KubeObject.From(Kinds.Event, new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{subject.Name}.{e.Revision:x}{(index == 0 ? "" : $"-{index}")}",
                ["namespace"] = ns,
                ["uid"] = $"{subject.Uid}-{e.Revision:x}-{index}",
                ["creationTimestamp"] = at,
                ["resourceVersion"] = e.Revision.ToString(CultureInfo.InvariantCulture),
            },
            ["involvedObject"] = reference,
            ["type"] = note.Type,
            ["reason"] = note.Reason,
            ["message"] = note.Message,
            ["source"] = new JsonObject { ["component"] = note.Component },
            ["reportingComponent"] = note.Component,
            ["firstTimestamp"] = at,
            ["lastTimestamp"] = at,
            ["count"] = 1,
        });
    }

    private static KubeObject Again(KubeObject was, ObjectEvent e)
    {
        var node = was.ToNode();
        node["count"] = (node["count"].AsInt64() ?? 1) + 1;
        node["lastTimestamp"] = Time(e.At);
        node["metadata"]!["resourceVersion"] = e.Revision.ToString(CultureInfo.InvariantCulture);
        return KubeObject.From(Kinds.Event, node);
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
