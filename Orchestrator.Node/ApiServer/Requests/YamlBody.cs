using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>Reads one YAML document into nodes: bounded in depth and in what aliases may unfold to.</summary>
internal sealed partial class YamlBody
{
    private const int MaxNodes = 200_000;
    private static readonly Encoding Strict = new UTF8Encoding(false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, JsonNode?> _anchors = [];
    private readonly Parser _parser;
    private readonly List<string> _duplicates;
    private int _nodes;

    private YamlBody(Parser parser, List<string> duplicates) => (_parser, _duplicates) = (parser, duplicates);

    public static JsonNode? Parse(byte[] body, List<string> duplicates)
    {
        var parser = new Parser(new StringReader(Strict.GetString(body)));
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        var node = new YamlBody(parser, duplicates).Node("", 0);
        parser.Consume<DocumentEnd>();
        return parser.TryConsume<StreamEnd>(out _) ? node : throw new JsonException("there is more than one document in it");
    }

    private JsonNode? Node(string path, int depth)
    {
        if (depth > JsonBody.MaxDepth || ++_nodes > MaxNodes)
        {
            throw new JsonException($"it is deeper than {JsonBody.MaxDepth} levels or has more than {MaxNodes} values");
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            var target = _anchors.TryGetValue(alias.Value.Value, out var known) ? known : throw new JsonException($"the alias {alias.Value} is not defined before");
            _nodes += Count(target);
            return _nodes > MaxNodes ? throw new JsonException($"its aliases unfold to more than {MaxNodes} values") : target?.DeepClone();
        }

        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return Keep(scalar.Anchor, scalar.IsKey || scalar.Style != ScalarStyle.Plain || scalar.Tag == "tag:yaml.org,2002:str"
                ? JsonValue.Create(scalar.Value) : Plain(scalar.Value));
        }

        if (_parser.TryConsume<SequenceStart>(out var sequence))
        {
            var list = new JsonArray();
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                list.Add(Node($"{path}[{list.Count}]", depth + 1));
            }

            return Keep(sequence.Anchor, list);
        }

        var mapping = _parser.Consume<MappingStart>();
        var o = new JsonObject();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var name = _parser.Consume<Scalar>().Value;
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            if (o.ContainsKey(name))
            {
                _duplicates.Add($"duplicate field \"{inner}\"");
            }

            o[name] = Node(inner, depth + 1);
        }

        return Keep(mapping.Anchor, o);
    }

    private JsonNode? Keep(AnchorName anchor, JsonNode? node)
    {
        if (!anchor.IsEmpty)
        {
            _anchors[anchor.Value] = node?.DeepClone();
        }

        return node;
    }

    private static int Count(JsonNode? node) => 1 + node switch
    {
        JsonObject o => o.Sum(p => Count(p.Value)),
        JsonArray a => a.Sum(Count),
        _ => 0,
    };

    private static JsonValue? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" => JsonValue.Create(true),
        "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" => JsonValue.Create(false),
        _ when Number().IsMatch(text) => JsonValue.Create(JsonDocument.Parse(text.TrimStart('+')).RootElement.Clone()),
        _ when Hex().IsMatch(text) => JsonValue.Create(long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
        _ when Octal().IsMatch(text) => JsonValue.Create(Convert.ToInt64(text.TrimStart('0', 'o'), 8)),
        _ => JsonValue.Create(text),
    };

    [GeneratedRegex(@"^[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$")]
    private static partial Regex Number();

    [GeneratedRegex("^0x[0-9a-fA-F]{1,15}$")]
    private static partial Regex Hex();

    [GeneratedRegex("^0o?[1-7][0-7]{0,19}$")]
    private static partial Regex Octal();
}
