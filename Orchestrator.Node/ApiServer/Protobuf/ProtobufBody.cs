using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Protobuf;

/// <summary>Bodies of type application/vnd.kubernetes.protobuf, as the JSON object they stand for.</summary>
internal static class ProtobufBody
{
    private const int MaxFields = 500_000;

    public static bool Is(string? contentType) => contentType?.StartsWith("application/vnd.kubernetes.protobuf", StringComparison.OrdinalIgnoreCase) == true;

    /// <exception cref="FormatException">The bytes are not such a body.</exception>
    public static JsonObject Parse(ReadOnlyMemory<byte> body)
    {
        if (!body.Span.StartsWith("k8s\0"u8))
        {
            throw new FormatException("it does not begin with the mark of Kubernetes protobuf");
        }

        string apiVersion = "", kind = "", encoding = "", type = "";
        ReadOnlyMemory<byte> raw = default;
        foreach (var field in WireReader.Fields(body[4..]))
        {
            switch (field.Number)
            {
                case 1:
                    foreach (var meta in WireReader.Fields(field.Message))
                    {
                        (apiVersion, kind) = meta.Number switch { 1 => (meta.Text, kind), 2 => (apiVersion, meta.Text), _ => (apiVersion, kind) };
                    }

                    break;
                case 2: raw = field.Message; break;
                case 3: encoding = field.Text; break;
                case 4: type = field.Text; break;
            }
        }

        if (encoding.Length > 0 || type is not ("" or "application/vnd.kubernetes.protobuf"))
        {
            throw new FormatException($"its content is {type} {encoding}; send plain protobuf");
        }

        var fields = Schema.Find(MessageOf(apiVersion, kind))
            ?? throw new FormatException($"{apiVersion}/{kind} is not known in protobuf; send JSON");
        var budget = MaxFields;
        var read = Message(fields, raw, 0, ref budget);
        read["apiVersion"] = apiVersion;
        read["kind"] = kind;
        return read;
    }

    private static string MessageOf(string apiVersion, string kind)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var (group, version) = slash < 0 ? ("core", apiVersion) : (apiVersion[..slash].Split('.')[0], apiVersion[(slash + 1)..]);
        return kind is "DeleteOptions" or "Status" or "CreateOptions" or "UpdateOptions" or "PatchOptions"
            ? $"meta/v1.{kind}"
            : $"{group}/{version}.{kind}";
    }

    private static JsonObject Message(FrozenDictionary<int, SchemaField> fields, ReadOnlyMemory<byte> data, int depth, ref int budget)
    {
        if (depth > JsonBody.MaxDepth)
        {
            throw new FormatException("it is nested too deeply");
        }

        var result = new JsonObject();
        foreach (var wire in WireReader.Fields(data))
        {
            Spend(ref budget);
            if (!fields.TryGetValue(wire.Number, out var field))
            {
                continue; // A field of a newer version.
            }

            if (field.Inline)
            {
                foreach (var (name, value) in Message(Known(field.Type), wire.Message, depth + 1, ref budget).ToArray())
                {
                    result[name] = value?.DeepClone();
                }
            }
            else if (field.Map)
            {
                if (result[field.Name] is not JsonObject map)
                {
                    result[field.Name] = map = [];
                }

                var (key, value) = Entry(field, wire.Message, depth, ref budget);
                map[key] = value;
            }
            else if (field.List)
            {
                if (result[field.Name] is not JsonArray list)
                {
                    result[field.Name] = list = [];
                }

                if (field.Type == "i" && wire.Bytes is { } packed)
                {
                    foreach (var number in WireReader.Packed(packed))
                    {
                        Spend(ref budget);
                        list.Add((JsonNode)(long)number);
                    }
                }
                else
                {
                    list.Add(Value(field.Type, wire, depth, ref budget));
                }
            }
            else
            {
                var value = Value(field.Type, wire, depth, ref budget);
                if (value is not null && (field.Pointer || !Zero(field, value)))
                {
                    result[field.Name] = value;
                }
                else
                {
                    result.Remove(field.Name);
                }
            }
        }

        return result;
    }

    private static (string Key, JsonNode? Value) Entry(SchemaField field, ReadOnlyMemory<byte> data, int depth, ref int budget)
    {
        var key = "";
        JsonNode? value = null;
        foreach (var wire in WireReader.Fields(data))
        {
            Spend(ref budget);
            (key, value) = wire.Number switch
            {
                1 => (wire.Text, value),
                2 => (key, Value(field.Type, wire, depth, ref budget)),
                _ => (key, value),
            };
        }

        return (key, value ?? (field.Type is "s" or "y" ? "" : null));
    }

    private static JsonNode? Value(string type, WireField wire, int depth, ref int budget) => type switch
    {
        "s" => wire.Text,
        "b" => wire.Number64 != 0,
        "i" => (long)wire.Number64,
        "f" => BitConverter.UInt64BitsToDouble(wire.Number64) is var d && double.IsFinite(d) ? d : throw new FormatException("a number is not finite"),
        "y" => Convert.ToBase64String(wire.Message.Span),
        "q" => WireReader.Fields(wire.Message).LastOrDefault(f => f.Number == 1) is { Bytes: not null } text && text.Text.Length > 0 ? text.Text : "0",
        "t" => Time(wire.Message, "yyyy-MM-dd'T'HH:mm:ss'Z'"),
        "u" => Time(wire.Message, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
        "d" => ((long)WireReader.Fields(wire.Message).LastOrDefault(f => f.Number == 1).Number64 / 1e9).ToString("0.#########", CultureInfo.InvariantCulture) + "s",
        "n" => IntOrString(wire.Message),
        "r" or "F" => Raw(wire.Message),
        "S" => new JsonArray([.. WireReader.Fields(wire.Message).Where(f => f.Number == 1).Select(f => (JsonNode?)f.Text)]),
        _ => Message(Known(type), wire.Message, depth + 1, ref budget),
    };

    /// <summary>What Go's JSON leaves out of a field that is no pointer, and what says nothing: empty messages, times never set.</summary>
    private static bool Zero(SchemaField field, JsonNode value) => field.Type switch
    {
        "s" or "y" => !field.Always && value.GetValue<string>().Length == 0,
        "b" => !field.Always && !value.GetValue<bool>(),
        "i" => !field.Always && value.GetValue<long>() == 0,
        "f" => !field.Always && value.GetValue<double>() == 0,
        "n" => value is JsonValue number && (number.TryGetValue<long>(out var n) && n == 0 || number.TryGetValue<string>(out var s) && s.Length == 0),
        "q" or "t" or "u" or "d" => false,
        _ => value is JsonObject { Count: 0 },
    };

    private static JsonNode? Time(ReadOnlyMemory<byte> data, string format)
    {
        long seconds = 0, nanos = 0;
        foreach (var field in WireReader.Fields(data))
        {
            (seconds, nanos) = field.Number switch { 1 => ((long)field.Number64, nanos), 2 => (seconds, (long)field.Number64), _ => (seconds, nanos) };
        }

        if (data.IsEmpty)
        {
            return null;
        }

        if (seconds is < -62135596800 or > 253402300799 || nanos is < 0 or > 999_999_999)
        {
            throw new FormatException("a time is out of range");
        }

        return DateTime.UnixEpoch.AddSeconds(seconds).AddTicks(nanos / 100).ToString(format, CultureInfo.InvariantCulture);
    }

    private static JsonNode IntOrString(ReadOnlyMemory<byte> data)
    {
        var (isText, number, text) = (false, 0L, "");
        foreach (var field in WireReader.Fields(data))
        {
            switch (field.Number)
            {
                case 1: isText = field.Number64 != 0; break;
                case 2: number = (int)field.Number64; break;
                case 3: text = field.Text; break;
            }
        }

        return isText ? text : number;
    }

    private static JsonNode? Raw(ReadOnlyMemory<byte> data)
    {
        var raw = WireReader.Fields(data).LastOrDefault(f => f.Number == 1);
        return raw.Bytes is { Length: > 0 } json
            ? JsonNode.Parse(json.Span, documentOptions: new JsonDocumentOptions { MaxDepth = JsonBody.MaxDepth, AllowDuplicateProperties = false })
            : null;
    }

    private static FrozenDictionary<int, SchemaField> Known(string message) =>
        Schema.Find(message) ?? throw new FormatException($"{message} is not known in protobuf; send JSON");

    private static void Spend(ref int budget)
    {
        if (--budget < 0)
        {
            throw new FormatException($"it has more than {MaxFields} fields");
        }
    }
}
