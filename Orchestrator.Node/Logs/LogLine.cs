using System.Globalization;

namespace Orchestrator.Node.Logs;

/// <summary>One thing that happened.</summary>
/// <param name="Time">When.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Component">The part of the program that says it, such as <c>node-gateway</c>.</param>
/// <param name="Message">The sentence.</param>
/// <param name="Fields">Texts, numbers and truth values by name.</param>
/// <param name="Cause">What failed, if anything did.</param>
internal sealed record LogLine(DateTimeOffset Time, LogLevel Level, string Component, string Message, IReadOnlyList<KeyValuePair<string, object>> Fields, Exception? Cause = null)
{
    private const int MaxText = 8 * 1024;
    private const int MaxStack = 32 * 1024;

    /// <summary>All values by name, in the order in which they are written.</summary>
    public IEnumerable<KeyValuePair<string, object>> Pairs =>
    [
        new("time", Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
        new("level", NameOf(Level)),
        new("component", Component),
        new("msg", Clip(Message, MaxText)),
        .. Fields.Select(f => f.Value is string text ? new(f.Key, Clip(text, MaxText)) : f),
        .. Cause is null ? Array.Empty<KeyValuePair<string, object>>() : [new("error", Clip(Faults.Reason(Cause), MaxText))],
    ];

    /// <summary>Where an unexpected failure came from; null if there is none.</summary>
    public string? Stack => Cause is null || Faults.IsExpected(Cause) ? null : Clip(Cause.ToString(), MaxStack);

    /// <summary>The word for a level.</summary>
    public static string NameOf(LogLevel level) => level switch
    {
        <= LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        _ => "error",
    };

    private static string Clip(string text, int max) => text.Length <= max ? text : text[..max] + "…";
}
