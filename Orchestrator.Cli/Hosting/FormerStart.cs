namespace Orchestrator.Cli.Hosting;

/// <summary>The options that a data directory's node was started with last, so that it need not be told them again.</summary>
internal static class FormerStart
{
    public static Dictionary<string, string> Options(DataDirectory data)
    {
        var words = Presence.IsThere(data.Arguments) ? Presence.Read(data.Arguments).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
        var pairs = words.Chunk(2).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1]);
        pairs.Remove("--data-dir");
        return pairs;
    }

    /// <summary>Options that mean the same from every working directory.</summary>
    public static Dictionary<string, string> Absolute(IEnumerable<KeyValuePair<string, string>> options) => options.ToDictionary(o => o.Key, o =>
        o.Key is "--config" or "--join" || (o.Key == "--journal" && !o.Value.Contains('=', StringComparison.Ordinal) && !o.Value.Contains("://", StringComparison.Ordinal))
            ? Path.GetFullPath(o.Value) : o.Value);

    /// <summary>What was asked for and is otherwise.</summary>
    public static IReadOnlyList<string> Differences(Dictionary<string, string> former, Dictionary<string, string> given) =>
        [.. given.Where(g => former.GetValueOrDefault(g.Key) != g.Value).Select(g => g.Key == "--journal" ? "--journal is another"
            : former.TryGetValue(g.Key, out var old) ? $"{g.Key} is {old}, not {g.Value}" : $"{g.Key} was not given")];

    /// <summary>For the eye; a journal may have a password in it.</summary>
    public static string Text(Dictionary<string, string> options) => string.Join(' ', options.Select(o => $"{o.Key} {(o.Key == "--journal" ? "..." : o.Value)}"));
}
