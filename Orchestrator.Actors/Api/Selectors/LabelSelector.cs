using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Orchestrator.Actors.Api.Selectors;

/// <summary>A set-based label selector as <c>?labelSelector=</c> carries it.</summary>
public sealed partial class LabelSelector
{
    private readonly ImmutableArray<Func<IReadOnlyDictionary<string, string>, bool>> _terms;

    private LabelSelector(ImmutableArray<Func<IReadOnlyDictionary<string, string>, bool>> terms) => _terms = terms;

    /// <summary>Reads <c>a=b,c!=d,e in (f,g),h notin (i),j,!k</c>; the error says which part is wrong.</summary>
    public static (LabelSelector? Selector, string? Error) Parse(string text)
    {
        var terms = ImmutableArray.CreateBuilder<Func<IReadOnlyDictionary<string, string>, bool>>();
        foreach (var part in Comma().Split(text).Select(p => p.Trim()).Where(p => p.Length > 0))
        {
            var match = Term().Match(part);
            if (!match.Success)
            {
                return (null, $"unable to parse requirement: \"{part}\" is not a label requirement such as a=b, a!=b, a in (b,c), a notin (b), a or !a");
            }

            terms.Add(Requirement(match));
        }

        return (new LabelSelector(terms.ToImmutable()), null);
    }

    /// <summary>Whether labels satisfy every requirement.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels) => _terms.All(t => t(labels));

    private static Func<IReadOnlyDictionary<string, string>, bool> Requirement(Match match)
    {
        var key = match.Groups["key"].Value;
        if (match.Groups["not"].Success)
        {
            return labels => !labels.ContainsKey(key);
        }

        if (match.Groups["set"].Success)
        {
            var values = match.Groups["set"].Value.Split(',').Select(v => v.Trim()).ToHashSet();
            return match.Groups["in"].Value == "in"
                ? labels => labels.TryGetValue(key, out var value) && values.Contains(value)
                : labels => !labels.TryGetValue(key, out var value) || !values.Contains(value);
        }

        if (match.Groups["op"].Success)
        {
            var wanted = match.Groups["value"].Value;
            return match.Groups["op"].Value == "!="
                ? labels => !labels.TryGetValue(key, out var value) || value != wanted
                : labels => labels.TryGetValue(key, out var value) && value == wanted;
        }

        return labels => labels.ContainsKey(key);
    }

    [GeneratedRegex(@",(?![^()]*\))")]
    private static partial Regex Comma();

    [GeneratedRegex(@"^(?<not>!)?\s*(?<key>[A-Za-z0-9][-A-Za-z0-9_./]*)\s*(?:(?<op>==|!=|=)\s*(?<value>[-A-Za-z0-9_.]*)|\s(?<in>in|notin)\s*\((?<set>[^()]*)\))?$")]
    private static partial Regex Term();
}
