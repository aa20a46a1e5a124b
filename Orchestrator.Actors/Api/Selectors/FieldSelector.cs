using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Actors.Api.Selectors;

/// <summary>A field selector: <c>metadata.name=x,status.phase!=Running</c>, by JSON path on any kind.</summary>
public sealed class FieldSelector
{
    private readonly ImmutableArray<(string[] Path, string Value, bool IsEqual)> _terms;

    private FieldSelector(ImmutableArray<(string[], string, bool)> terms) => _terms = terms;

    /// <summary>Reads the query parameter; the error says which part is wrong.</summary>
    public static (FieldSelector? Selector, string? Error) Parse(string text)
    {
        var terms = ImmutableArray.CreateBuilder<(string[], string, bool)>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                return (null, $"invalid selector: '{part}'; can't understand it: write field=value or field!=value");
            }

            var isEqual = part[at - 1] != '!';
            var path = part[..(isEqual ? at : at - 1)].Trim();
            terms.Add((path.Split('.'), part[(at + 1)..].TrimStart('=').Trim(), isEqual));
        }

        return (new FieldSelector(terms.ToImmutable()), null);
    }

    /// <summary>Whether the object satisfies every term; an absent field counts as empty.</summary>
    public bool Matches(KubeObject item)
    {
        if (_terms.IsEmpty)
        {
            return true;
        }

        using var document = JsonDocument.Parse(item.Json);
        return _terms.All(t => (Value(document.RootElement, t.Path) == t.Value) == t.IsEqual);
    }

    private static string Value(JsonElement node, string[] path)
    {
        foreach (var name in path)
        {
            if (node.ValueKind != JsonValueKind.Object || !node.TryGetProperty(name, out node))
            {
                return "";
            }
        }

        return node.ValueKind == JsonValueKind.String ? node.GetString()! : node.GetRawText();
    }
}
