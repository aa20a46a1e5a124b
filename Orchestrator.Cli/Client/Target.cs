namespace Orchestrator.Cli.Client;

/// <summary>An argument of a command: a type, and a name or null for all objects of the type.</summary>
internal sealed record Target(ResourceType Type, string? Name)
{
    /// <summary>Parses <c>TYPE</c>, <c>TYPE,TYPE</c>, <c>TYPE NAME…</c> or <c>TYPE/NAME…</c>.</summary>
    public static IReadOnlyList<Target> Parse(IReadOnlyList<string> words, Discovery discovery)
    {
        if (words.Count == 0)
        {
            throw new UsageException("No resource given: specify a type such as pods, or TYPE/NAME such as deploy/web; 'orc api-resources' lists the types.");
        }

        if (words[0].Contains('/', StringComparison.Ordinal))
        {
            return [.. words.Select(w => w.Split('/') is [{ Length: > 0 } type, { Length: > 0 } name]
                ? new Target(discovery.One(type), name)
                : throw new UsageException($"\"{w}\" is not TYPE/NAME: once one argument has a slash, all need one."))];
        }

        if (words.Skip(1).FirstOrDefault(w => w.Contains('/', StringComparison.Ordinal)) is { } mixed)
        {
            throw new UsageException($"\"{mixed}\" has a slash but \"{words[0]}\" has none: write either TYPE NAME or TYPE/NAME.");
        }

        var types = words[0].Split(',', StringSplitOptions.RemoveEmptyEntries).SelectMany(discovery.Find).Distinct().ToList();
        return words.Count == 1
            ? [.. types.Select(t => new Target(t, null))]
            : [.. types.SelectMany(t => words.Skip(1).Select(n => new Target(t, n)))];
    }

    /// <summary>Like <see cref="Parse"/>, but every target needs a name.</summary>
    public static IReadOnlyList<Target> ParseNamed(IReadOnlyList<string> words, Discovery discovery)
    {
        var targets = Parse(words, discovery);
        return targets.All(t => t.Name is not null) ? targets : throw new UsageException($"No name given: specify TYPE/NAME such as {words[0]}/web, or {words[0]} NAME.");
    }
}
