using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Node.Logs;

/// <summary>Makes lines of the log of what is said to loggers.</summary>
internal sealed partial class LogProvider(LogWriter writer, TimeProvider time) : ILoggerProvider
{
    /// <summary>The component that a category stands for: the last part of its name in lower case with dashes, without "Actor".</summary>
    public static string ComponentOf(string category)
    {
        var name = category.Split('`')[0].Split('.', '+')[^1];
        return Hump().Replace(name.EndsWith("Actor", StringComparison.Ordinal) && name.Length > 5 ? name[..^5] : name, "-$0").ToLowerInvariant();
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(ComponentOf(categoryName), writer, time);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The writer is closed by whoever opened it, when the last logger has spoken.
    }

    [GeneratedRegex("(?<=[a-z0-9])[A-Z]")]
    private static partial Regex Hump();

    private sealed class Logger(string component, LogWriter writer, TimeProvider time) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            writer.Write(new LogLine(time.GetUtcNow(), logLevel, component, formatter(state, exception), Fields(state as IEnumerable<KeyValuePair<string, object?>>), exception));

        // Values are turned into texts here, because they can change before they are written. Values without a name belong to the sentence.
        private static IReadOnlyList<KeyValuePair<string, object>> Fields(IEnumerable<KeyValuePair<string, object?>>? state) =>
        [
            .. (state ?? []).Where(f => f.Value is not null && f.Key.Length > 0 && char.IsAsciiLetter(f.Key[0]))
                .Select(f => KeyValuePair.Create(char.ToLowerInvariant(f.Key[0]) + f.Key[1..],
                    f.Value is int or long or double or bool ? f.Value : Convert.ToString(f.Value, CultureInfo.InvariantCulture) ?? "")),
        ];
    }
}
