using Akka.Event;

namespace Orchestrator.Actors.Logs;

/// <summary>Writes lines with named values to the log of an actor system.</summary>
public static class FieldLogging
{
    /// <summary>Something happened that is as it should be.</summary>
    /// <inheritdoc cref="FieldMessage(string, ValueTuple{string, object?}[])"/>
    public static void Inform(this ILoggingAdapter log, string text, params (string Name, object? Value)[] fields) => log.Write(LogLevel.InfoLevel, null, text, fields);

    /// <summary>Something is not as it should be, and an operator may have to act.</summary>
    /// <inheritdoc cref="FieldMessage(string, ValueTuple{string, object?}[])"/>
    public static void Warn(this ILoggingAdapter log, string text, params (string Name, object? Value)[] fields) => log.Write(LogLevel.WarningLevel, null, text, fields);

    /// <summary>Something failed, and an operator may have to act.</summary>
    /// <inheritdoc cref="FieldMessage(string, ValueTuple{string, object?}[])"/>
    public static void Warn(this ILoggingAdapter log, Exception cause, string text, params (string Name, object? Value)[] fields) => log.Write(LogLevel.WarningLevel, cause, text, fields);

    /// <summary>Something failed, and does not work until an operator or a developer acts.</summary>
    /// <inheritdoc cref="FieldMessage(string, ValueTuple{string, object?}[])"/>
    public static void Fail(this ILoggingAdapter log, Exception? cause, string text, params (string Name, object? Value)[] fields) => log.Write(LogLevel.ErrorLevel, cause, text, fields);

    private static void Write(this ILoggingAdapter log, LogLevel level, Exception? cause, string text, (string Name, object? Value)[] fields)
    {
        if (log.IsEnabled(level))
        {
            log.Log(level, cause, new FieldMessage(text, fields));
        }
    }
}
