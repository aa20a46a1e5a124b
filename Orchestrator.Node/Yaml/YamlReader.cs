using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Orchestrator.Node.Yaml;

/// <summary>YAML to JSON nodes as kubectl reads it, whether a client sends it to the server or gives it to the command line, which is built from this file too.</summary>
/// <remarks>Bounded in depth and in what aliases may unfold to; what is wrong is a <see cref="YamlException"/> with its place.</remarks>
internal sealed class YamlReader
{
    // As many levels as a body in JSON may have.
    private const int MaxDepth = 50;
    private const int MaxNodes = 200_000;
    private const string Tags = "tag:yaml.org,2002:";

    private readonly Dictionary<string, JsonNode?> _anchors = [];
    private readonly IParser _parser;
    private readonly Action<string, Mark> _duplicate;
    private int _nodes;

    private YamlReader(IParser parser, Action<string, Mark> duplicate) => (_parser, _duplicate) = (parser, duplicate);

    /// <summary>The documents of a stream; null for each empty one.</summary>
    /// <param name="text">The stream.</param>
    /// <param name="duplicate">Is told the path and the place of a field that is said again; the last one counts.</param>
    public static IEnumerable<JsonNode?> Read(string text, Action<string, Mark> duplicate)
    {
        var parser = new Guarded(new Parser(new StringReader(text)));
        parser.Consume<StreamStart>();
        while (!parser.TryConsume<StreamEnd>(out _))
        {
            parser.Consume<DocumentStart>();
            yield return new YamlReader(parser, duplicate).Node("", 0);
            parser.Consume<DocumentEnd>();
        }
    }

    private JsonNode? Node(string path, int depth)
    {
        var at = _parser.Current ?? throw new YamlException("it ends too early");
        if (depth > MaxDepth || ++_nodes > MaxNodes)
        {
            throw Wrong(at, $"it is deeper than {MaxDepth} levels or has more than {MaxNodes} values");
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            return Unfolded(alias);
        }

        JsonNode? node = _parser.TryConsume<Scalar>(out var scalar) ? Value(scalar)
            : _parser.TryConsume<SequenceStart>(out _) ? Items(path, depth) : Fields(path, depth);
        if (at is NodeEvent { Anchor.IsEmpty: false } named)
        {
            _anchors[named.Anchor.Value] = node?.DeepClone();
        }

        return node;
    }

    private JsonNode? Unfolded(AnchorAlias alias)
    {
        var target = _anchors.TryGetValue(alias.Value.Value, out var known) ? known
            : throw Wrong(alias, $"the alias *{alias.Value.Value} has no anchor before it");
        _nodes += Count(target);
        return _nodes > MaxNodes ? throw Wrong(alias, $"its aliases unfold to more than {MaxNodes} values") : target?.DeepClone();
    }

    private JsonArray Items(string path, int depth)
    {
        var list = new JsonArray();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            list.Add(Node($"{path}[{list.Count}]", depth + 1));
        }

        return list;
    }

    // Of a field and one that is merged in (<<), the later counts; the merged ones are put last.
    private JsonObject Fields(string path, int depth)
    {
        _parser.Consume<MappingStart>();
        var (own, merged) = (new JsonObject(), new JsonObject());
        var said = new HashSet<string>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var at = _parser.Current!;
            if (at is Scalar { Value: "<<", Style: ScalarStyle.Plain, Tag.IsEmpty: true })
            {
                _parser.MoveNext();
                foreach (var (field, inherited) in Inherited(at, Node(path, depth + 1)))
                {
                    own.Remove(field);
                    merged[field] = inherited?.DeepClone();
                }

                continue;
            }

            var name = Name(at, Node(path, depth + 1));
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            if (!said.Add(name))
            {
                _duplicate(inner, at.Start);
            }

            merged.Remove(name);
            own[name] = Node(inner, depth + 1);
        }

        foreach (var (name, value) in merged)
        {
            own[name] = value?.DeepClone();
        }

        return own;
    }

    // Of several maps the first that has a field counts.
    private static JsonObject Inherited(ParsingEvent at, JsonNode? value)
    {
        var maps = value is JsonArray list ? [.. list] : (JsonNode?[])[value];
        var all = new JsonObject();
        foreach (var (name, field) in maps.SelectMany(m => m as JsonObject ?? throw Wrong(at, "what is merged (<<) must be a map or a list of maps")))
        {
            all.TryAdd(name, field?.DeepClone());
        }

        return all;
    }

    private static string Name(ParsingEvent at, JsonNode? key) => key is JsonValue value
        ? value.TryGetValue<string>(out var text) ? text : value.ToJsonString()
        : throw Wrong(at, "the name of a field must be text, a number or a flag");

    private static JsonValue? Value(Scalar scalar)
    {
        if (scalar.Tag.IsEmpty)
        {
            return scalar.Style == ScalarStyle.Plain ? Known(scalar, YamlScalar.Read(scalar.Value)) : JsonValue.Create(scalar.Value);
        }

        var tag = scalar.Tag.Value;
        YamlKind? wanted = tag switch
        {
            $"{Tags}null" => YamlKind.Null,
            $"{Tags}bool" => YamlKind.Flag,
            $"{Tags}int" => YamlKind.Whole,
            $"{Tags}float" => YamlKind.Fraction,
            _ => null,
        };
        if (wanted is null)
        {
            return JsonValue.Create(tag == $"{Tags}binary" ? Decoded(scalar) : scalar.Value);
        }

        var read = YamlScalar.Read(scalar.Value);
        return read.Kind == wanted || (read.Kind, wanted) is (YamlKind.Whole, YamlKind.Fraction) ? Known(scalar, read)
            : throw Wrong(scalar, $"{scalar.Value} is no {tag[Tags.Length..]}");
    }

    private static JsonValue? Known(Scalar scalar, (YamlKind Kind, JsonValue? Value) read) =>
        read is (YamlKind.Fraction, null) ? throw Wrong(scalar, $"JSON has no number {scalar.Value}") : read.Value;

    private static string Decoded(Scalar scalar)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(scalar.Value));
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            throw Wrong(scalar, "what is tagged as binary must be text in base64");
        }
    }

    private static int Count(JsonNode? node) => 1 + node switch
    {
        JsonObject o => o.Sum(p => Count(p.Value)),
        JsonArray a => a.Sum(Count),
        _ => 0,
    };

    private static YamlException Wrong(ParsingEvent at, string message) => new(at.Start, at.End, message);

    // The parser meets some texts with an exception that does not say what is wrong: {a: 1, and then a line that begins further left.
    private sealed class Guarded(Parser parser) : IParser
    {
        public ParsingEvent? Current => parser.Current;

        public bool MoveNext()
        {
            try
            {
                return parser.MoveNext();
            }
            catch (InvalidOperationException e)
            {
                var at = Current?.End ?? Mark.Empty;
                throw new YamlException(at, at, "what follows here cannot be read", e);
            }
        }
    }
}
