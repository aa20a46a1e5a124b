using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Orchestrator.Cli.Output;

/// <summary>YAML to JSON nodes and back, with the scalars that Kubernetes manifests rely on.</summary>
internal static partial class Yaml
{
    /// <summary>The documents of a stream, without the empty ones.</summary>
    /// <exception cref="CliException">It is not YAML; the message has the line.</exception>
    public static List<JsonNode> Read(string text, string source)
    {
        try
        {
            return new Reader(new Parser(new StringReader(text))).Documents();
        }
        catch (YamlException e)
        {
            throw new CliException($"{source} is not valid YAML at line {e.Start.Line}: {e.Message.TrimEnd('.')}.");
        }
    }

    public static string Write(JsonNode? node)
    {
        using var text = new StringWriter();
        var emitter = new Emitter(text, new EmitterSettings(2, int.MaxValue, false, 1024));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, node);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    /// <summary>What a plain scalar means.</summary>
    public static JsonNode? Scalar(string text)
    {
        if (text is "" or "~" or "null" or "Null" or "NULL")
        {
            return null;
        }

        if (Boolean().Match(text) is { Success: true } boolean)
        {
            return JsonValue.Create(boolean.Groups[1].Success);
        }

        if (Octal().Match(text) is { Success: true } octal)
        {
            return JsonValue.Create(Convert.ToInt64(octal.Groups[1].Value, 8));
        }

        if (Integer().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            return JsonValue.Create(whole);
        }

        return Float().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? JsonValue.Create(number) : JsonValue.Create(text);
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject o:
                emitter.Emit(new MappingStart(null, null, true, o.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (name, value) in o.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    Text(emitter, name);
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray a:
                emitter.Emit(new SequenceStart(null, null, true, a.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in a)
                {
                    Emit(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue v when v.GetValueKind() == JsonValueKind.String:
                Text(emitter, v.GetValue<string>());
                break;
            default:
                emitter.Emit(new Scalar(null, null, node?.ToJsonString() ?? "null", ScalarStyle.Plain, true, false));
                break;
        }
    }

    private static void Text(Emitter emitter, string text)
    {
        var isOther = Scalar(text) is not JsonValue v || v.GetValueKind() != JsonValueKind.String || Ambiguous().IsMatch(text);
        var style = isOther || !Readable().IsMatch(text) ? ScalarStyle.DoubleQuoted : text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal : ScalarStyle.Any;
        emitter.Emit(new Scalar(null, null, text, style, true, true));
    }

    // Text that a block can hold as it is: no blanks at its ends or before line ends, nothing invisible.
    [GeneratedRegex("\\A[^\\s\\p{C}]([^\\p{C}]*[^\\s\\p{C}])?(\\n+([^\\p{C}]*[^\\s\\p{C}]))*\\n?\\z")]
    private static partial Regex Readable();

    // As YAML 1.1 and so kubectl has them.
    [GeneratedRegex("^(?:([yY]|yes|Yes|YES|true|True|TRUE|on|On|ON)|[nN]|no|No|NO|false|False|FALSE|off|Off|OFF)$")]
    private static partial Regex Boolean();

    [GeneratedRegex("^0o?([0-7]+)$")]
    private static partial Regex Octal();

    [GeneratedRegex("^[-+]?(0|[1-9][0-9]*)$")]
    private static partial Regex Integer();

    [GeneratedRegex("^[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Float();

    // Dates and numbers that older YAML readers take for something else than text.
    [GeneratedRegex("^([0-9]{4}-[0-9]{2}-[0-9]{2}.*|0x[0-9a-fA-F]+)$")]
    private static partial Regex Ambiguous();

    private sealed class Reader(IParser parser)
    {
        private readonly Dictionary<string, JsonNode?> _anchors = [];

        public List<JsonNode> Documents()
        {
            var found = new List<JsonNode>();
            parser.Consume<StreamStart>();
            while (!parser.TryConsume<StreamEnd>(out _))
            {
                parser.Consume<DocumentStart>();
                _anchors.Clear();
                if (Node() is { } document)
                {
                    found.Add(document);
                }

                parser.Consume<DocumentEnd>();
            }

            return found;
        }

        private JsonNode? Node()
        {
            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                return _anchors.TryGetValue(alias.Value.Value, out var known) ? known?.DeepClone()
                    : throw new YamlException(alias.Start, alias.End, $"the alias *{alias.Value.Value} has no anchor");
            }

            var anchor = (parser.Current as NodeEvent)?.Anchor;
            JsonNode? node;
            if (parser.TryConsume<Scalar>(out var scalar))
            {
                node = scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty ? Yaml.Scalar(scalar.Value) : JsonValue.Create(scalar.Value);
            }
            else if (parser.TryConsume<SequenceStart>(out _))
            {
                var array = new JsonArray();
                while (!parser.TryConsume<SequenceEnd>(out _))
                {
                    array.Add(Node());
                }

                node = array;
            }
            else
            {
                node = Mapping();
            }

            if (anchor is { IsEmpty: false } named)
            {
                _anchors[named.Value] = node?.DeepClone();
            }

            return node;
        }

        private JsonObject Mapping()
        {
            parser.Consume<MappingStart>();
            var o = new JsonObject();
            var inherited = new List<JsonObject>();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = parser.Consume<Scalar>();
                var value = Node();
                if (key.Value == "<<" && key.Style == ScalarStyle.Plain)
                {
                    inherited.AddRange(value is JsonArray many ? many.OfType<JsonObject>() : value is JsonObject one ? [one] : []);
                }
                else if (!o.TryAdd(key.Value, value))
                {
                    throw new YamlException(key.Start, key.End, $"the key {key.Value} is there twice");
                }
            }

            foreach (var (name, value) in inherited.SelectMany(i => i))
            {
                o.TryAdd(name, value?.DeepClone());
            }

            return o;
        }
    }
}
