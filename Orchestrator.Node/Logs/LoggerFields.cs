using Orchestrator.Actors.Logs;

namespace Orchestrator.Node.Logs;

/// <summary>Writes lines with named values to a logger.</summary>
internal static class LoggerFields
{
    /// <summary>Writes a line.</summary>
    /// <inheritdoc cref="FieldMessage(string, ValueTuple{string, object?}[])"/>
    public static void Tell(this ILogger log, LogLevel level, string text, params (string Name, object? Value)[] fields) =>
        log.Log(level, default, new FieldMessage(text, fields).Fields, null, (_, _) => text);

    /// <summary>Writes that something failed, and where, if nobody expects such a failure.</summary>
    public static void Fail(this ILogger log, Exception cause, string text) => log.Log(LogLevel.Error, default, Array.Empty<KeyValuePair<string, object?>>(), cause, (_, _) => text);
}
