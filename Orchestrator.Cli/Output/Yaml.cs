using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Node.ApiServer.Requests.Yaml;
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
        // Within a plain name some readers take the marks of anchors and aliases for such.
        var isOther = YamlScalar.Read(text).Kind != YamlKind.Text || Ambiguous().IsMatch(text) || text.AsSpan().ContainsAny('*', '&');
        var style = isOther || !Readable().IsMatch(text) ? ScalarStyle.DoubleQuoted : text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal : ScalarStyle.Any;
        emitter.Emit(new Scalar(null, null, text, style, true, true));
    }

    // Text that a block can hold as it is: no blanks at its ends or before line ends, nothing invisible.
    [GeneratedRegex("\\A[^\\s\\p{C}]([^\\p{C}]*[^\\s\\p{C}])?(\\n+([^\\p{C}]*[^\\s\\p{C}]))*\\n?\\z")]
    private static partial Regex Readable();

    // Dates, which other readers take for something else than text, and what merges when it is a name.
    [GeneratedRegex("^([0-9]{4}-[0-9]{2}-[0-9]{2}.*|<<|=)$")]
    private static partial Regex Ambiguous();
}
