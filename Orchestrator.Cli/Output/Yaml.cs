using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Node.Yaml;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Orchestrator.Cli.Output;

/// <summary>Converts YAML to JSON nodes and back, with the scalar types that Kubernetes manifests use.</summary>
internal static partial class Yaml
{
    /// <summary>Reads the documents of a stream; skips empty ones.</summary>
    /// <exception cref="CliException">The text is not valid YAML; the message names the line.</exception>
    public static List<JsonNode> Read(string text, string source)
    {
        try
        {
            return [.. YamlReader.Read(text, (path, at) => throw new YamlException(at, at, $"the field {path} is there twice")).OfType<JsonNode>()];
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
        // Some parsers read the characters of anchors and aliases inside plain keys as such.
        var isOther = YamlScalar.Read(text).Kind != YamlKind.Text || Ambiguous().IsMatch(text) || text.AsSpan().ContainsAny('*', '&');
        var style = isOther || !Readable().IsMatch(text) ? ScalarStyle.DoubleQuoted : text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal : ScalarStyle.Any;
        emitter.Emit(new Scalar(null, null, text, style, true, true));
    }

    // Whether a block scalar can hold the text: no leading or trailing blanks, none before line breaks, no invisible characters.
    [GeneratedRegex("\\A[^\\s\\p{C}]([^\\p{C}]*[^\\s\\p{C}])?(\\n+([^\\p{C}]*[^\\s\\p{C}]))*\\n?\\z")]
    private static partial Regex Readable();

    // Dates, which other parsers do not read as strings, and the merge key.
    [GeneratedRegex("^([0-9]{4}-[0-9]{2}-[0-9]{2}.*|<<|=)$")]
    private static partial Regex Ambiguous();
}
