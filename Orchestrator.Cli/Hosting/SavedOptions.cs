namespace Orchestrator.Cli.Hosting;

/// <summary>The options of the last start of a node, saved in its data directory and used again by <c>orc up</c> without options.</summary>
internal static class SavedOptions
{
    public static Dictionary<string, string> Read(DataDirectory data)
    {
        var words = Presence.IsThere(data.Arguments) ? Presence.Read(data.Arguments).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
        var pairs = words.Chunk(2).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1]);
        pairs.Remove("--data-dir");
        return pairs;
    }

    /// <summary>Makes relative paths in options absolute, so that they do not depend on the working directory.</summary>
    public static Dictionary<string, string> Absolute(IEnumerable<KeyValuePair<string, string>> options) => options.ToDictionary(o => o.Key, o =>
        o.Key is "--config" or "--join" || (o.Key == "--journal" && !o.Value.Contains('=', StringComparison.Ordinal) && !o.Value.Contains("://", StringComparison.Ordinal))
            ? Path.GetFullPath(o.Value) : o.Value);

    /// <summary>Options that were given and differ from the saved ones.</summary>
    public static IReadOnlyList<string> Differences(Dictionary<string, string> saved, Dictionary<string, string> given) =>
        [.. given.Where(g => saved.GetValueOrDefault(g.Key) != g.Value).Select(g => g.Key == "--journal" ? "--journal is different"
            : saved.TryGetValue(g.Key, out var old) ? $"{g.Key} is {old}, not {g.Value}" : $"{g.Key} was not given")];

    /// <summary>The options for display; the journal is masked because it may contain a password.</summary>
    public static string Format(Dictionary<string, string> options) => string.Join(' ', options.Select(o => $"{o.Key} {(o.Key == "--journal" ? "..." : o.Value)}"));
}
