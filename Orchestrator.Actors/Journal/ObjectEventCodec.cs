using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Journal;

/// <summary>The stored form of an event: JSON that an operator can read in SQL. The manifest stands in its own column.</summary>
public static class ObjectEventCodec
{
    /// <summary>Writes the payload as UTF-8 JSON.</summary>
    public static byte[] Encode(ObjectEvent e)
    {
        var node = new JsonObject
        {
            ["at"] = e.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            ["by"] = e.By,
            ["cause"] = e.Cause,
        };
        if (e.Delta is not null)
        {
            node["delta"] = e.Delta.DeepClone();
        }

        if (e.Details is not null)
        {
            node["details"] = e.Details.DeepClone();
        }

        if (!e.Notes.IsDefaultOrEmpty)
        {
            node["notes"] = new JsonArray([.. e.Notes.Select(n => (JsonNode)new JsonObject
            {
                ["type"] = n.Type, ["reason"] = n.Reason, ["message"] = n.Message, ["component"] = n.Component,
            })]);
        }

        return JsonSerializer.SerializeToUtf8Bytes(node);
    }

    /// <summary>Reads a stored event.</summary>
    /// <exception cref="JsonException">The payload is not what <see cref="Encode"/> writes.</exception>
    public static ObjectEvent Decode(string manifest, ReadOnlySpan<byte> payload, long revision)
    {
        var node = JsonNode.Parse(payload)?.AsObject() ?? throw new JsonException($"Event {manifest} at {revision} has no payload.");
        var notes = node["notes"] is JsonArray array
            ? array.Select(n => new EventNote(Text(n!, "type"), Text(n!, "reason"), Text(n!, "message"), Text(n!, "component"))).ToImmutableArray()
            : default;
        return new ObjectEvent(
            manifest,
            DateTimeOffset.Parse(Text(node, "at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            Text(node, "by"),
            node["cause"]?.GetValue<long>() ?? 0,
            node["delta"]?.DeepClone() as JsonObject,
            node["details"]?.DeepClone() as JsonObject,
            notes)
        { Revision = revision };
    }

    private static string Text(JsonNode node, string name) =>
        node[name]?.GetValue<string>() ?? throw new JsonException($"The event has no \"{name}\".");
}
