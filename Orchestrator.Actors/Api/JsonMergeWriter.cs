using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api;

/// <summary>Applies a merge patch to stored bytes without parsing them into a tree; members that the patch does not name are copied.
/// The result, including the order of members, equals that of <see cref="JsonMerge.Apply"/>.</summary>
internal static class JsonMergeWriter
{
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    /// <summary>Returns the patched object with a new <c>metadata.resourceVersion</c>.</summary>
    /// <param name="target">A JSON object in UTF-8.</param>
    /// <param name="patch">An RFC 7386 merge patch.</param>
    /// <param name="resourceVersion">The new resourceVersion; overrides that of target and patch.</param>
    public static byte[] Merge(ReadOnlySpan<byte> target, JsonObject patch, string resourceVersion)
    {
        var buffer = new ArrayBufferWriter<byte>(target.Length + 512);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            Object(writer, target, patch, new Stamp("metadata", resourceVersion));
        }

        return buffer.WrittenSpan.ToArray();
    }

    // Order: members of the target, then those that only the patch has, then the resourceVersion if neither has it.
    private static void Object(Utf8JsonWriter writer, ReadOnlySpan<byte> target, JsonObject? patch, Stamp? stamp)
    {
        var isStamped = stamp is null;
        writer.WriteStartObject();
        var reader = new Utf8JsonReader(target);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (stamp is not null && reader.ValueTextEquals(stamp.Name))
            {
                isStamped = true;
                reader.Read();
                Write(writer, stamp, Value(target, ref reader), patch);
            }
            else
            {
                Member(writer, target, ref reader, patch);
            }
        }

        foreach (var (name, value) in patch ?? [])
        {
            if (name == stamp?.Name)
            {
                if (!isStamped)
                {
                    isStamped = true;
                    Write(writer, stamp, "{}"u8, patch);
                }
            }
            else if (!Has(target, name))
            {
                Write(writer, name, value);
            }
        }

        if (!isStamped)
        {
            Write(writer, stamp!, "{}"u8, null);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, Stamp stamp, ReadOnlySpan<byte> value, JsonObject? patch)
    {
        writer.WritePropertyName(stamp.Name);
        if (stamp.Name == "metadata")
        {
            Object(writer, value, patch?[stamp.Name] as JsonObject, stamp with { Name = "resourceVersion" });
        }
        else
        {
            writer.WriteStringValue(stamp.ResourceVersion);
        }
    }

    // Advances the reader to the end of the member.
    private static void Member(Utf8JsonWriter writer, ReadOnlySpan<byte> target, ref Utf8JsonReader reader, JsonObject? patch)
    {
        foreach (var (name, change) in patch ?? [])
        {
            if (!reader.ValueTextEquals(name))
            {
                continue;
            }

            reader.Read();
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            var value = Value(target, ref reader);
            if (change is JsonObject inner && isObject)
            {
                writer.WritePropertyName(name);
                Object(writer, value, inner, null);
            }
            else
            {
                Write(writer, name, change);
            }

            return;
        }

        if (reader.ValueIsEscaped)
        {
            writer.WritePropertyName(reader.GetString()!);
        }
        else
        {
            writer.WritePropertyName(reader.ValueSpan);
        }

        reader.Read();
        writer.WriteRawValue(Value(target, ref reader), skipInputValidation: true);
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    private static bool Has(ReadOnlySpan<byte> json, string name)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(name))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    // Null in a patch removes a member, at any depth.
    private static void Write(Utf8JsonWriter writer, string name, JsonNode? value)
    {
        switch (value)
        {
            case null:
                return;
            case JsonObject inner:
                writer.WriteStartObject(name);
                foreach (var (key, item) in inner)
                {
                    Write(writer, key, item);
                }

                writer.WriteEndObject();
                break;
            default:
                writer.WritePropertyName(name);
                value.WriteTo(writer);
                break;
        }
    }

    /// <summary>The member of this level that is the resourceVersion or contains it.</summary>
    private sealed record Stamp(string Name, string ResourceVersion);
}
