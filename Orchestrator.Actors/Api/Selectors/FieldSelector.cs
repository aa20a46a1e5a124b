using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Api.Selectors;

/// <summary>A field selector, such as <c>metadata.name=x,status.phase!=Running</c>. Each kind supports certain fields.</summary>
public sealed class FieldSelector
{
    private readonly ImmutableArray<(FieldLabel Label, string Value, bool IsEqual)> _terms;

    private FieldSelector(ImmutableArray<(FieldLabel, string, bool)> terms) => _terms = terms;

    /// <summary>Parses the query parameter; the error names the invalid part.</summary>
    public static (FieldSelector? Selector, string? Error) Parse(ResourceDefinition kind, string text)
    {
        var terms = ImmutableArray.CreateBuilder<(FieldLabel, string, bool)>();
        foreach (var part in Parts(text).Where(p => p.Length > 0))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at < 0)
            {
                return (null, $"invalid selector: '{text}'; can't understand '{part}'");
            }

            var isEqual = at == 0 || part[at - 1] != '!';
            var name = part[..(isEqual ? at : at - 1)].Trim();
            var written = part[(at + 1)..];
            var (value, error) = Plain((isEqual && written.StartsWith('=') ? written[1..] : written).Trim());
            if (error is not null)
            {
                return (null, error);
            }

            if (FieldLabel.Find(kind, name) is not { } label)
            {
                return (null, FieldLabel.Refusal(kind, name));
            }

            terms.Add((label, value, isEqual));
        }

        return (new FieldSelector(terms.ToImmutable()), null);
    }

    /// <summary>The name that an object must have to match; null if it may have any.</summary>
    public string? Name => _terms.Where(t => t.IsEqual && t.Label == FieldLabel.ObjectName).Select(t => t.Value).FirstOrDefault();

    /// <summary>Whether the object matches every term. An absent field has the zero value of its type: empty, 0 or false.</summary>
    public bool Matches(KubeObject item)
    {
        if (_terms.IsEmpty)
        {
            return true;
        }

        using var document = JsonDocument.Parse(item.Json);
        return _terms.All(t => (t.Label.Value(document.RootElement) == t.Value) == t.IsEqual);
    }

    // A backslash escapes a comma in a value.
    private static IEnumerable<string> Parts(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == ',')
            {
                yield return text[start..i].Trim();
                start = i + 1;
            }
        }

        yield return text[start..].Trim();
    }

    private static (string Value, string? Error) Plain(string written)
    {
        var value = new StringBuilder();
        for (var i = 0; i < written.Length; i++)
        {
            switch (written[i])
            {
                case '\\' when i + 1 < written.Length && written[i + 1] is ('\\' or ',' or '='):
                    value.Append(written[++i]);
                    break;
                case '\\':
                    return ("", $"invalid field selector: invalid escape sequence: {written[i..Math.Min(i + 2, written.Length)]}");
                case '=':
                    return ("", $"invalid field selector: unescaped character in value: {written[i]}");
                default:
                    value.Append(written[i]);
                    break;
            }
        }

        return (value.ToString(), null);
    }
}
