using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Orchestrator.Actors.Api;

/// <summary>Evaluates the paths of Kubernetes' JSONPath: <c>.spec.replicas</c>, <c>[0]</c>, <c>[-1]</c>, <c>[*]</c>, <c>['a.b']</c>, <c>a\.b</c> and
/// <c>[?(@.type=="Ready")]</c> (Kubernetes, "JSONPath Support"). Also compiled into the CLI.</summary>
internal static partial class FieldPath
{
    // Every step nests an iterator.
    private const int MaxSteps = 64;
    private const int MaxLength = 1024;

    /// <summary>Whether a string is a supported path. It may have 64 steps.</summary>
    public static bool IsValid(string path) => Steps(path) is not null;

    /// <summary>Returns all values that match a path; none if a part of it is absent.</summary>
    /// <exception cref="FormatException">The path is not supported.</exception>
    public static IEnumerable<JsonNode?> Select(JsonNode? root, string path)
    {
        IEnumerable<JsonNode?> at = [root];
        foreach (var step in Steps(path) ?? throw new FormatException($"\"{path}\" is not a JSONPath: use fields such as .metadata.name, with [0] or [*] after lists."))
        {
            at = Follow(at, step);
        }

        return at;
    }

    private static List<Match>? Steps(string path)
    {
        if (path.Length > MaxLength)
        {
            return null;
        }

        var (steps, rest) = (new List<Match>(), path.TrimStart('$'));
        while (rest.Length > 0)
        {
            var step = Step().Match(rest);
            if (!step.Success || steps.Count == MaxSteps)
            {
                return null;
            }

            steps.Add(step);
            rest = rest[step.Length..];
        }

        return steps;
    }

    private static IEnumerable<JsonNode?> Follow(IEnumerable<JsonNode?> at, Match step)
    {
        var field = step.Groups["field"].Success ? step.Groups["field"].Value.Replace("\\.", ".", StringComparison.Ordinal)
            : step.Groups["quoted"].Success ? step.Groups["quoted"].Value : null;
        return field switch
        {
            "*" => at.SelectMany(All),
            not null => at.OfType<JsonObject>().Select(o => o[field]).Where(n => n is not null),
            _ when step.Groups["key"].Success => at.SelectMany(All).Where(item => Matches(item, step.Groups["key"].Value, step.Groups["operator"].Value, step.Groups["value"].Value)),
            _ when step.Groups["index"].Value is "*" => at.SelectMany(All),
            _ => at.OfType<JsonArray>().Select(a => Item(a, int.Parse(step.Groups["index"].Value, CultureInfo.InvariantCulture))).Where(n => n is not null),
        };
    }

    private static bool Matches(JsonNode? item, string key, string comparison, string value)
    {
        JsonNode? at = item;
        foreach (var name in key.Split('.'))
        {
            at = (at as JsonObject)?[name];
        }

        return at is not null && (at.ToString() == value) == (comparison == "==");
    }

    private static IEnumerable<JsonNode?> All(JsonNode? node) => node switch
    {
        JsonArray a => a,
        JsonObject o => o.Select(p => p.Value),
        _ => [],
    };

    private static JsonNode? Item(JsonArray a, int index) => (index < 0 ? a.Count + index : index) is var i && i >= 0 && i < a.Count ? a[i] : null;

    [GeneratedRegex("""^(\.(?<field>(\\.|[^.\[\]\\])+)|\[(?<index>\*|-?[0-9]{1,9})\]|\[\?\(\s*@\.(?<key>[A-Za-z0-9_.-]+)\s*(?<operator>==|!=)\s*["']?(?<value>[^"')]*)["']?\s*\)\]|\.?\['(?<quoted>[^']+)'\])""")]
    private static partial Regex Step();
}
