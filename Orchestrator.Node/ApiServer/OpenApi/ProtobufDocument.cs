using System.Text;
using System.Text.Json;

namespace Orchestrator.Node.ApiServer.OpenApi;

/// <summary>Version 2 in the one encoding that kubectl up to 1.28 takes: the protobuf messages of gnostic's OpenAPI v2 model.</summary>
/// <remarks>The numbers are those of the fields in that model; only the messages that our document uses are here.</remarks>
internal static class ProtobufDocument
{
    /// <summary>The media type that is asked for.</summary>
    public const string MediaType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    /// <summary>What it is called in the answer, where clients cannot parse an at sign.</summary>
    public const string ContentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    /// <summary>Encodes a document given as JSON.</summary>
    public static byte[] Encode(JsonElement document)
    {
        var message = new Message();
        message.Text(1, document, "swagger");
        message.Nested(2, document.GetProperty("info"), (m, info) =>
        {
            m.Text(1, info, "title");
            m.Text(2, info, "version");
        });
        message.Nested(8, document.GetProperty("paths"), (m, paths) => m.Named(2, paths, Path));
        message.Nested(9, document.GetProperty("definitions"), (m, definitions) => m.Named(1, definitions, Schema));
        return message.ToArray();
    }

    private static void Path(Message message, JsonElement path)
    {
        foreach (var (number, method) in ((int, string)[])[(2, "get"), (3, "put"), (4, "post"), (5, "delete"), (8, "patch")])
        {
            message.Nested(number, path, method, Operation);
        }

        message.Each(9, path, "parameters", Parameter);
    }

    private static void Operation(Message message, JsonElement operation)
    {
        message.Each(8, operation, "parameters", Parameter);
        message.Nested(9, operation, "responses", (m, responses) => m.Named(1, responses, (value, response) => value.Nested(1, response, (r, _) =>
        {
            r.Text(1, response, "description");
            r.Nested(2, response, "schema", (item, schema) => item.Nested(1, schema, Schema));
        })));
        Extensions(message, 13, operation);
    }

    private static void Parameter(Message message, JsonElement parameter) => message.Nested(1, parameter, (either, _) =>
    {
        switch (parameter.GetProperty("in").GetString())
        {
            case "body":
                either.Nested(1, parameter, (body, _) =>
                {
                    body.Text(2, parameter, "name");
                    body.Text(3, parameter, "in");
                    body.Flag(4, parameter, "required");
                    body.Nested(5, parameter, "schema", Schema);
                });
                break;
            case "query":
                either.Nested(2, parameter, (other, _) => other.Nested(3, parameter, (query, _) => Simple(query, 6, 20)));
                break;
            default:
                either.Nested(2, parameter, (other, _) => other.Nested(4, parameter, (path, _) => Simple(path, 5, 19)));
                break;
        }

        void Simple(Message m, int type, int unique)
        {
            m.Flag(1, parameter, "required");
            m.Text(2, parameter, "in");
            m.Text(4, parameter, "name");
            m.Text(type, parameter, "type");
            m.Flag(unique, parameter, "uniqueItems");
        }
    });

    private static void Schema(Message message, JsonElement schema)
    {
        message.Text(1, schema, "$ref");
        message.Text(2, schema, "format");
        message.Text(4, schema, "description");
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray())
            {
                message.Text(19, name.GetString()!);
            }
        }

        message.Nested(21, schema, "additionalProperties", (m, value) => m.Nested(1, value, Schema));
        if (schema.TryGetProperty("type", out var type))
        {
            message.Nested(22, type, (m, t) => m.Text(1, t.GetString()!));
        }

        message.Nested(23, schema, "items", (m, item) => m.Nested(1, item, Schema));
        message.Nested(25, schema, "properties", (m, properties) => m.Named(1, properties, Schema));
        Extensions(message, 31, schema);
    }

    // An extension's value is YAML, of which JSON is a part.
    private static void Extensions(Message message, int number, JsonElement owner)
    {
        foreach (var extension in owner.EnumerateObject().Where(p => p.Name.StartsWith("x-", StringComparison.Ordinal)))
        {
            message.Nested(number, extension.Value, (named, value) =>
            {
                named.Text(1, extension.Name);
                named.Nested(2, value, (any, v) => any.Text(2, v.GetRawText()));
            });
        }
    }

    /// <summary>One message while it is written.</summary>
    private sealed class Message
    {
        private readonly MemoryStream _bytes = new();

        public byte[] ToArray() => _bytes.ToArray();

        public void Text(int number, string value) => Bytes(number, Encoding.UTF8.GetBytes(value));

        public void Text(int number, JsonElement owner, string name)
        {
            if (owner.TryGetProperty(name, out var value))
            {
                Text(number, value.GetString()!);
            }
        }

        public void Flag(int number, JsonElement owner, string name)
        {
            if (owner.TryGetProperty(name, out var value) && value.GetBoolean())
            {
                Varint((uint)number << 3);
                _bytes.WriteByte(1);
            }
        }

        public void Nested(int number, JsonElement value, Action<Message, JsonElement> write)
        {
            var nested = new Message();
            write(nested, value);
            Bytes(number, nested._bytes.GetBuffer().AsSpan(0, (int)nested._bytes.Length));
        }

        public void Nested(int number, JsonElement owner, string name, Action<Message, JsonElement> write)
        {
            if (owner.TryGetProperty(name, out var value))
            {
                Nested(number, value, write);
            }
        }

        public void Each(int number, JsonElement owner, string name, Action<Message, JsonElement> write)
        {
            if (owner.TryGetProperty(name, out var list))
            {
                foreach (var item in list.EnumerateArray())
                {
                    Nested(number, item, write);
                }
            }
        }

        /// <summary>A map is a list of pairs of name and value.</summary>
        public void Named(int number, JsonElement map, Action<Message, JsonElement> write)
        {
            foreach (var entry in map.EnumerateObject())
            {
                Nested(number, entry.Value, (pair, value) =>
                {
                    pair.Text(1, entry.Name);
                    pair.Nested(2, value, write);
                });
            }
        }

        private void Bytes(int number, ReadOnlySpan<byte> value)
        {
            Varint(((uint)number << 3) | 2);
            Varint((uint)value.Length);
            _bytes.Write(value);
        }

        private void Varint(uint value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                _bytes.WriteByte((byte)(value | 0x80));
            }

            _bytes.WriteByte((byte)value);
        }
    }
}
