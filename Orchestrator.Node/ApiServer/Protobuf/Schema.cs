using System.Collections.Frozen;
using System.Globalization;

namespace Orchestrator.Node.ApiServer.Protobuf;

/// <summary>A field of a message: how JSON names it and how its bytes are read.</summary>
internal sealed record SchemaField(string Name, string Type, bool Inline, bool List, bool Map, bool Pointer, bool Always)
{
    public static SchemaField Parse(string name, string type)
    {
        var kind = type.TrimStart('^', '*', '%', '?', '!');
        var flags = type[..^kind.Length];
        return new(name, kind, flags.Contains('^'), flags.Contains('*'), flags.Contains('%'), flags.Contains('?'), flags.Contains('!'));
    }
}

/// <summary>The messages of the Kubernetes API by name, from the table that scripts/generate-protobuf-schema.py writes.</summary>
internal static class Schema
{
    private static readonly Lazy<FrozenDictionary<string, FrozenDictionary<int, SchemaField>>> Table = new(Load);

    public static FrozenDictionary<int, SchemaField>? Find(string message) => Table.Value.GetValueOrDefault(message);

    public static IEnumerable<string> Messages => Table.Value.Keys;

    private static FrozenDictionary<string, FrozenDictionary<int, SchemaField>> Load()
    {
        using var reader = new StreamReader(typeof(Schema).Assembly.GetManifestResourceStream("protobuf-schema.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
            .ToFrozenDictionary(words => words[0], words => words.Skip(1).Select(word => word.Split(':'))
                .ToFrozenDictionary(parts => int.Parse(parts[0], CultureInfo.InvariantCulture), parts => SchemaField.Parse(parts[1], parts[2])));
    }
}
