using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>Reads JSON into nodes and keeps which fields were said twice; of those the last counts.</summary>
internal static class JsonBody
{
    /// <summary>Levels of a body. The journal and the read side take 64, of which events and lists need a few around an object.</summary>
    public const int MaxDepth = 50;

    public static JsonNode? Parse(ReadOnlySpan<byte> body, List<string> duplicates)
    {
        if (!Utf8.IsValid(body))
        {
            throw new JsonException("it is not UTF-8 text");
        }

        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        var node = Value(ref reader, "", duplicates);
        return !reader.Read() ? node : throw new JsonException("there is more than one value in it");
    }

    private static JsonNode? Value(ref Utf8JsonReader reader, string path, List<string> duplicates)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var o = new JsonObject();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = Text(ref reader);
                    var inner = path.Length == 0 ? name : $"{path}.{name}";
                    reader.Read();
                    if (o.ContainsKey(name))
                    {
                        duplicates.Add($"duplicate field \"{inner}\"");
                    }

                    o[name] = Value(ref reader, inner, duplicates);
                }

                return o;
            case JsonTokenType.StartArray:
                var a = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    a.Add(Value(ref reader, $"{path}[{a.Count}]", duplicates));
                }

                return a;
            case JsonTokenType.String:
                return JsonValue.Create(Text(ref reader));
            case JsonTokenType.Number:
                return JsonValue.Create(JsonElement.ParseValue(ref reader));
            case JsonTokenType.True or JsonTokenType.False:
                return JsonValue.Create(reader.GetBoolean());
            default:
                return null;
        }
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // Half of a surrogate pair, written as an escape.
            throw new JsonException($"a text in it is not Unicode: {e.Message}", e);
        }
    }
}
