using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Orchestrator.Actors.Schema;

/// <summary>Facts about a field that the official types have and the model class lacks (struct tags and markers of k8s.io/api).</summary>
/// <param name="IsRequired">The field must be set.</param>
/// <param name="IsSet">A list without duplicates (<c>listType=set</c>).</param>
/// <param name="Keys">The fields that identify an item of the list (<c>listType=map</c>).</param>
/// <param name="Merges">A strategic merge patch merges the list instead of replacing it (<c>patchStrategy</c>).</param>
/// <param name="MergeKey">The field by which it merges items; null for a list of values.</param>
/// <param name="RetainsKeys">A strategic merge patch can remove all fields that it does not name.</param>
/// <param name="Values">The known values of a string.</param>
/// <param name="IsMicroTime">An RFC 3339 timestamp with microseconds.</param>
public sealed record FieldFacts(
    bool IsRequired, bool IsSet, ImmutableArray<string> Keys, bool Merges, string? MergeKey, bool RetainsKeys, ImmutableArray<string> Values, bool IsMicroTime)
{
    /// <summary>A field without facts.</summary>
    public static readonly FieldFacts None = new(false, false, [], false, null, false, [], false);
}

/// <summary>A table of facts about model classes.</summary>
public sealed class SchemaFacts
{
    /// <summary>An empty table.</summary>
    public static readonly SchemaFacts None = new(FrozenDictionary<(string, string), FieldFacts>.Empty);

    private readonly FrozenDictionary<(string Model, string Field), FieldFacts> _fields;

    private SchemaFacts(FrozenDictionary<(string, string), FieldFacts> fields) => _fields = fields;

    /// <summary>The fields in the table.</summary>
    public IEnumerable<(string Model, string Field)> Fields => _fields.Keys;

    /// <summary>The facts of a field.</summary>
    /// <param name="model">Name of the model class, such as <c>V1PodSpec</c>.</param>
    /// <param name="field">Name of the field in JSON.</param>
    public FieldFacts Of(string model, string field) => _fields.GetValueOrDefault((model, field), FieldFacts.None);

    /// <summary>All tables as one.</summary>
    public static SchemaFacts Join(IEnumerable<SchemaFacts> tables) => new(tables.SelectMany(t => t._fields).ToFrozenDictionary());

    /// <summary>Reads a table: the name of a class on a line, under it, indented, a line for each field: its name and its facts. Facts are <c>required</c>,
    /// <c>set</c>, <c>list=KEY,KEY</c>, <c>merge</c>, <c>merge=KEY</c>, <c>retainKeys</c>, <c>enum=A|B</c> and <c>microTime</c>.</summary>
    /// <exception cref="FormatException">A line is malformed.</exception>
    public static SchemaFacts Read(string table)
    {
        var fields = new Dictionary<(string, string), FieldFacts>();
        var model = "";
        foreach (var line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (line[0] != ' ')
            {
                model = words[0];
            }
            else
            {
                fields.Add((model, words[0]), words[1..].Aggregate(FieldFacts.None, With));
            }
        }

        return new(fields.ToFrozenDictionary());
    }

    private static FieldFacts With(FieldFacts facts, string word) => word.Split('=', 2) switch
    {
        ["required"] => facts with { IsRequired = true },
        ["set"] => facts with { IsSet = true },
        ["list", var keys] => facts with { Keys = [.. keys.Split(',')] },
        ["merge"] => facts with { Merges = true },
        ["merge", var key] => facts with { Merges = true, MergeKey = key },
        ["retainKeys"] => facts with { RetainsKeys = true },
        ["enum", var values] => facts with { Values = [.. values.Split('|')] },
        ["microTime"] => facts with { IsMicroTime = true },
        _ => throw new FormatException($"\"{word}\" is not a fact about a field"),
    };
}
