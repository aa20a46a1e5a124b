using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Actors.Api.Selectors;

/// <summary>A label selector of the query parameter <c>labelSelector</c>.</summary>
public sealed partial class LabelSelector
{
    private readonly ImmutableArray<Func<IReadOnlyDictionary<string, string>, bool>> _terms;

    private LabelSelector(ImmutableArray<Func<IReadOnlyDictionary<string, string>, bool>> terms, ImmutableArray<(string, ImmutableArray<string>)> requirements) =>
        (_terms, Requirements) = (terms, requirements);

    /// <summary>Key and values of each requirement. Their syntax as label keys and values is not checked here.</summary>
    public ImmutableArray<(string Key, ImmutableArray<string> Values)> Requirements { get; }

    /// <summary>Parses a selector such as <c>a=b,c!=d,e in (f,g),h notin (i),j,!k,l&gt;1</c>; the error names the invalid part.</summary>
    public static (LabelSelector? Selector, string? Error) Parse(string text)
    {
        var terms = ImmutableArray.CreateBuilder<Func<IReadOnlyDictionary<string, string>, bool>>();
        var requirements = ImmutableArray.CreateBuilder<(string, ImmutableArray<string>)>();
        foreach (var part in string.IsNullOrWhiteSpace(text) ? [] : Comma().Split(text).Select(p => p.Trim()))
        {
            var match = Term().Match(part);
            if (!match.Success || (match.Groups["not"].Success && (match.Groups["op"].Success || match.Groups["set"].Success)))
            {
                return (null, $"unable to parse requirement: \"{part}\" is not a label requirement such as a=b, a!=b, a in (b,c), a notin (b), a, !a or a>1");
            }

            ImmutableArray<string> values = match.Groups["set"].Success ? [.. match.Groups["set"].Value.Split(',').Select(v => v.Trim())]
                : match.Groups["op"].Success ? [match.Groups["value"].Value] : [];
            if (values is [""] && match.Groups["set"].Success)
            {
                return (null, "unable to parse requirement: values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
            }

            if (match.Groups["op"].Value is ">" or "<" && !long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                return (null, $"unable to parse requirement: values[0]: Invalid value: \"{values[0]}\": for 'Gt', 'Lt' operators, the value must be an integer");
            }

            requirements.Add((match.Groups["key"].Value, values));
            terms.Add(Requirement(match, values));
        }

        return (new LabelSelector(terms.ToImmutable(), requirements.ToImmutable()), null);
    }

    /// <summary>Whether labels satisfy every requirement.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels) => _terms.All(t => t(labels));

    private static Func<IReadOnlyDictionary<string, string>, bool> Requirement(Match match, ImmutableArray<string> values)
    {
        var key = match.Groups["key"].Value;
        return (match.Groups["not"].Success ? "!" : $"{match.Groups["op"].Value}{match.Groups["in"].Value}") switch
        {
            "!" => labels => !labels.ContainsKey(key),
            "" => labels => labels.ContainsKey(key),
            "!=" or "notin" => labels => !labels.TryGetValue(key, out var value) || !values.Contains(value),
            ">" => labels => Number(labels, key) > long.Parse(values[0], CultureInfo.InvariantCulture),
            "<" => labels => Number(labels, key) < long.Parse(values[0], CultureInfo.InvariantCulture),
            _ => labels => labels.TryGetValue(key, out var value) && values.Contains(value),
        };
    }

    private static long? Number(IReadOnlyDictionary<string, string> labels, string key) =>
        labels.TryGetValue(key, out var value) && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@",(?![^()]*\))")]
    private static partial Regex Comma();

    [GeneratedRegex(@"^(?<not>!)?\s*(?<key>[^\s,()=!<>]+)\s*(?:(?<op>==|!=|=|>|<)\s*(?<value>[^\s,()=!<>]*)|\s(?<in>in|notin)\s*\((?<set>[^()]*)\))?\z")]
    private static partial Regex Term();
}
