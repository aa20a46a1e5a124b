using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Orchestrator.Cli.Output;

/// <summary>The part of Kubernetes' JSONPath that scripts use: fields, <c>[0]</c>, <c>[*]</c>, <c>['a.b']</c>, <c>a\.b</c>, text, and <c>range</c>.</summary>
internal static partial class JsonPath
{
    /// <summary>Evaluates a template such as <c>{.status.phase}</c> or <c>{range .items[*]}{.metadata.name}{"\n"}{end}</c>.</summary>
    public static string Format(JsonNode root, string template)
    {
        var parts = Parts().Matches(template).Select(m => m.Value).ToList();
        if (string.Concat(parts).Length != template.Length)
        {
            throw new UsageException($"The JSONPath template \"{template}\" has an unbalanced brace.");
        }

        var text = new StringBuilder();
        Fill(text, root, parts, 0, parts.Count);
        return text.ToString();
    }

    /// <summary>All nodes at a path.</summary>
    public static IEnumerable<JsonNode?> Select(JsonNode? root, string path)
    {
        IEnumerable<JsonNode?> at = [root];
        var rest = path.TrimStart('$');
        while (rest.Length > 0)
        {
            var step = Step().Match(rest);
            if (!step.Success)
            {
                throw new UsageException($"\"{path}\" is not a JSONPath: use fields such as .metadata.name, with [0] or [*] after lists.");
            }

            rest = rest[step.Length..];
            var field = step.Groups["field"].Success ? step.Groups["field"].Value.Replace("\\.", ".", StringComparison.Ordinal)
                : step.Groups["quoted"].Success ? step.Groups["quoted"].Value : null;
            at = field switch
            {
                "*" => at.SelectMany(All),
                not null => at.OfType<JsonObject>().Select(o => o[field]).Where(n => n is not null),
                _ when step.Groups["index"].Value is "*" => at.SelectMany(All),
                _ => at.OfType<JsonArray>().Select(a => Item(a, int.Parse(step.Groups["index"].Value, System.Globalization.CultureInfo.InvariantCulture))),
            };
        }

        return at;
    }

    private static void Fill(StringBuilder text, JsonNode? root, List<string> parts, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var part = parts[i];
            if (part[0] != '{')
            {
                text.Append(part);
                continue;
            }

            var inner = part[1..^1].Trim();
            if (inner.StartsWith("range ", StringComparison.Ordinal))
            {
                var end = End(parts, i, to);
                foreach (var node in Select(root, inner[6..].Trim()).ToList())
                {
                    Fill(text, node, parts, i + 1, end);
                }

                i = end;
            }
            else if (inner.StartsWith('"'))
            {
                text.Append(Regex.Unescape(inner.Trim('"')));
            }
            else
            {
                text.AppendJoin(' ', Select(root, inner).Select(n => n.Text()));
            }
        }
    }

    private static int End(List<string> parts, int from, int to)
    {
        var depth = 0;
        for (var i = from; i < to; i++)
        {
            depth += parts[i].StartsWith("{range ", StringComparison.Ordinal) ? 1 : parts[i] == "{end}" ? -1 : 0;
            if (depth == 0)
            {
                return i;
            }
        }

        throw new UsageException("The JSONPath template has a {range} without {end}.");
    }

    private static IEnumerable<JsonNode?> All(JsonNode? node) => node switch
    {
        JsonArray a => a,
        JsonObject o => o.Select(p => p.Value),
        _ => [],
    };

    private static JsonNode? Item(JsonArray a, int index) => (index < 0 ? a.Count + index : index) is var i && i >= 0 && i < a.Count ? a[i] : null;

    [GeneratedRegex("\\{[^}]*\\}|[^{}]+")]
    private static partial Regex Parts();

    [GeneratedRegex("^(\\.(?<field>(\\\\.|[^.\\[\\]\\\\])+)|\\[(?<index>\\*|-?[0-9]+)\\]|\\.?\\['(?<quoted>[^']+)'\\])")]
    private static partial Regex Step();
}
