using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Actors.Api;

namespace Orchestrator.Cli.Output;

/// <summary>The part of Kubernetes' JSONPath that scripts use: paths (<see cref="FieldPath"/>), text, and <c>range</c>.</summary>
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
    public static IReadOnlyList<JsonNode?> Select(JsonNode? root, string path)
    {
        try
        {
            return [.. FieldPath.Select(root, path)];
        }
        catch (FormatException e)
        {
            throw new UsageException(e.Message);
        }
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
                foreach (var node in Select(root, inner[6..].Trim()))
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

    [GeneratedRegex("\\{[^}]*\\}|[^{}]+")]
    private static partial Regex Parts();
}
