using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Journal;

/// <summary>The stored form of an event: JSON that can be read with SQL. The manifest is in a column of its own.</summary>
public static class ObjectEventCodec
{
    // The JSON was validated when the command was accepted.
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true, MaxDepth = 256 };

    /// <summary>Writes the payload as UTF-8 JSON.</summary>
    public static byte[] Encode(ObjectEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("at", e.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
            writer.WriteString("by", e.By.Name);
            if (!e.By.Groups.IsDefaultOrEmpty)
            {
                writer.WriteStartArray("groups");
                foreach (var group in e.By.Groups)
                {
                    writer.WriteStringValue(group);
                }

                writer.WriteEndArray();
            }

            if (e.By.OnBehalfOf is { } behalf)
            {
                writer.WriteString("onBehalfOf", behalf);
            }

            writer.WriteNumber("cause", e.Cause);
            if (e.Delta is not null)
            {
                writer.WritePropertyName("delta");
                e.Delta.WriteTo(writer);
            }

            if (e.Details is not null)
            {
                writer.WritePropertyName("details");
                e.Details.WriteTo(writer);
            }

            if (!e.RecordedEvents.IsDefaultOrEmpty)
            {
                WriteRecordedEvents(writer, e.RecordedEvents);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a stored event.</summary>
    /// <exception cref="JsonException">The payload is not what <see cref="Encode"/> writes.</exception>
    public static ObjectEvent Decode(string manifest, ReadOnlySpan<byte> payload, long revision)
    {
        var node = JsonNode.Parse(payload)?.AsObject() ?? throw new JsonException($"Event {manifest} at {revision} has no payload.");
        var recordedEvents = node["notes"] is JsonArray array
            ? array.Select(n => new RecordedEvent(Text(n!, "type"), Text(n!, "reason"), Text(n!, "message"), Text(n!, "component"), n!["count"]?.GetValue<int>() ?? 1))
                .ToImmutableArray()
            : default;
        return new ObjectEvent(
            manifest,
            DateTimeOffset.Parse(Text(node, "at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            new UserInfo(Text(node, "by"), [.. (node["groups"] as JsonArray ?? []).Select(g => g!.GetValue<string>())], (string?)node["onBehalfOf"]),
            node["cause"]?.GetValue<long>() ?? 0,
            node["delta"]?.DeepClone() as JsonObject,
            node["details"]?.DeepClone() as JsonObject,
            recordedEvents)
        { Revision = revision };
    }

    /// <summary>Reads a stored event. Returns a damaged event if it cannot be read.</summary>
    public static ObjectEvent Read(string manifest, ReadOnlySpan<byte> payload, long revision)
    {
        try
        {
            return Decode(manifest, payload, revision);
        }
        catch (Exception e) when (ObjectState.IsUnreadable(e))
        {
            return ObjectEvent.Damaged(manifest, revision, e.Message);
        }
    }

    private static void WriteRecordedEvents(Utf8JsonWriter writer, ImmutableArray<RecordedEvent> recordedEvents)
    {
        writer.WriteStartArray("notes");
        foreach (var recorded in recordedEvents)
        {
            writer.WriteStartObject();
            writer.WriteString("type", recorded.Type);
            writer.WriteString("reason", recorded.Reason);
            writer.WriteString("message", recorded.Message);
            writer.WriteString("component", recorded.Component);
            if (recorded.Count != 1)
            {
                writer.WriteNumber("count", recorded.Count);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string Text(JsonNode node, string name) =>
        node[name]?.GetValue<string>() ?? throw new JsonException($"The event has no \"{name}\".");
}
