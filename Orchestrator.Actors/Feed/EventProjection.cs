using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Events;

namespace Orchestrator.Actors.Feed;

/// <summary>Turns the events recorded with journal events into Kubernetes Event objects; equal ones are counted in one object. Bounded; not thread-safe.</summary>
internal sealed class EventProjection
{
    private const int Capacity = 5_000;
    private readonly Dictionary<(string Uid, string Reason, string Message), (Line Line, KubeObject Object)> _known = [];
    private readonly Queue<(string, string, string)> _order = new();

    /// <summary>The Event objects before and after this journal event.</summary>
    public IEnumerable<(KubeObject? Was, KubeObject? Now)> Project(KubeObject? subject, ObjectEvent e)
    {
        if (subject is null || e.RecordedEvents.IsDefaultOrEmpty)
        {
            yield break;
        }

        for (var i = 0; i < e.RecordedEvents.Length; i++)
        {
            var recorded = e.RecordedEvents[i];
            var id = (subject.Uid, recorded.Reason, recorded.Message);
            var isKnown = _known.TryGetValue(id, out var was);
            var line = isKnown
                ? was.Line with { LastAt = e.At, Count = was.Line.Count + recorded.Count, Revision = e.Revision }
                : new Line(subject.Kind.ApiVersion, subject.Kind.Kind, subject.Namespace, subject.Name, subject.Uid, recorded,
                    string.Create(CultureInfo.InvariantCulture, $"{e.Revision:x}"), i, e.At, e.At, recorded.Count, e.Revision);
            var now = line.ToObject();
            _known[id] = (line, now);
            yield return (isKnown ? was.Object : null, now);
            if (!isKnown)
            {
                _order.Enqueue(id);
                if (_order.Count > Capacity && _known.Remove(_order.Dequeue(), out var gone))
                {
                    yield return (gone.Object, null);
                }
            }
        }
    }

    /// <summary>The Event objects that are kept, oldest first.</summary>
    public IReadOnlyList<KubeObject> Kept() => [.. _order.Select(id => _known[id].Object)];

    /// <summary>Continues with Event objects that <see cref="Kept"/> returned.</summary>
    public void Restore(IEnumerable<KubeObject> kept)
    {
        foreach (var item in kept)
        {
            var line = Line.Of(item);
            var id = (line.SubjectUid, line.Event.Reason, line.Event.Message);
            _known[id] = (line, item);
            _order.Enqueue(id);
        }
    }

    /// <summary>The content of an Event object. Its JSON is created when it is first read.</summary>
    private sealed record Line(string ApiVersion, string Kind, string SubjectNamespace, string Subject, string SubjectUid, RecordedEvent Event, string Mark, int Index,
        DateTimeOffset FirstAt, DateTimeOffset LastAt, int Count, long Revision)
    {
        private string Namespace => SubjectNamespace.Length > 0 ? SubjectNamespace : "default";

        private string Name => $"{Subject}.{Mark}{(Index == 0 ? "" : $"-{Index}")}";

        private string Uid => $"{SubjectUid}-{Mark}-{Index}";

        /// <summary>Reads an object that <see cref="ToObject"/> made.</summary>
        public static Line Of(KubeObject item)
        {
            var o = item.ToNode();
            var reference = o["involvedObject"]!;
            var uid = (string)reference["uid"]!;
            var mark = item.Uid[(uid.Length + 1)..].Split('-');
            var recorded = new RecordedEvent((string)o["type"]!, (string)o["reason"]!, (string)o["message"]!, (string)o["source"]!["component"]!);
            return new Line((string)reference["apiVersion"]!, (string)reference["kind"]!, (string?)reference["namespace"] ?? "", (string)reference["name"]!, uid, recorded,
                mark[0], int.Parse(mark[1], CultureInfo.InvariantCulture), KubeTime.Read((string)o["firstTimestamp"]!)!.Value, KubeTime.Read((string)o["lastTimestamp"]!)!.Value,
                (int)o["count"]!, item.Revision);
        }

        public KubeObject ToObject() => KubeObject.Deferred(EventDefinition.Instance, Namespace, Name, Uid, Revision, Render);

        private byte[] Render()
        {
            var reference = new JsonObject { ["kind"] = Kind, ["name"] = Subject, ["uid"] = SubjectUid, ["apiVersion"] = ApiVersion };
            if (SubjectNamespace.Length > 0)
            {
                reference["namespace"] = SubjectNamespace;
            }

            return JsonSerializer.SerializeToUtf8Bytes(new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Event",
                ["metadata"] = new JsonObject
                {
                    ["name"] = Name,
                    ["namespace"] = Namespace,
                    ["uid"] = Uid,
                    ["creationTimestamp"] = KubeTime.Text(FirstAt),
                    ["resourceVersion"] = Revision.ToString(CultureInfo.InvariantCulture),
                },
                ["involvedObject"] = reference,
                ["type"] = Event.Type,
                ["reason"] = Event.Reason,
                ["message"] = Event.Message,
                ["source"] = new JsonObject { ["component"] = Event.Component },
                ["reportingComponent"] = Event.Component,
                ["firstTimestamp"] = KubeTime.Text(FirstAt),
                ["lastTimestamp"] = KubeTime.Text(LastAt),
                ["count"] = Count,
            });
        }
    }
}
