using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary>Values of options that name what they set, such as <c>cpu=200m,memory=512Mi</c>.</summary>
internal static class Pairs
{
    /// <summary>Parses a list with commas; null without the option.</summary>
    /// <exception cref="UsageException">A part is not of the form <c>KEY=VALUE</c>; the message has the example.</exception>
    public static JsonObject? List(string? text, string option, string example) =>
        text is null ? null : Each(text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), option, example);

    /// <summary>Parses the values of an option that is given once for each.</summary>
    public static JsonObject Each(IEnumerable<string>? texts, string option, string example)
    {
        var pairs = new JsonObject();
        foreach (var text in texts ?? [])
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                throw new UsageException($"{option} takes KEY=VALUE, not \"{text}\": write it as {option}={example}.");
            }

            if (!pairs.TryAdd(text[..at], text[(at + 1)..]))
            {
                throw new UsageException($"{option} names {text[..at]} twice: give it one value.");
            }
        }

        return pairs;
    }
}
