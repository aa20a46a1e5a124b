namespace Orchestrator.Node.Logs;

/// <summary>The log of a host process. Everything is said through its loggers: the host, the API server and the actors.</summary>
internal sealed class HostLog : IAsyncDisposable
{
    private readonly LogWriter _writer;

    private HostLog(LogWriter writer, ILoggerFactory loggers) => (_writer, Loggers) = (writer, loggers);

    /// <summary>The loggers.</summary>
    public ILoggerFactory Loggers { get; }

    /// <summary>Opens the log.</summary>
    /// <param name="output">Where the lines go.</param>
    /// <param name="format">How they are written.</param>
    /// <param name="level">Minimum level.</param>
    /// <param name="time">The clock.</param>
    public static HostLog Open(Stream output, LogFormat format, LogLevel level, TimeProvider time)
    {
        var writer = new LogWriter(output, format, time);
        return new HostLog(writer, LoggerFactory.Create(logs =>
        {
            logs.SetMinimumLevel(level).AddProvider(new LogProvider(writer, time));

            // It tells whole addresses of what is passed on to pods, whose queries can hold secrets. The client is told what went wrong.
            logs.AddFilter("Yarp", LogLevel.None);
            if (level > LogLevel.Debug)
            {
                // Libraries inform about their own steps.
                var warning = level > LogLevel.Warning ? level : LogLevel.Warning;
                logs.AddFilter("Akka", warning).AddFilter("Microsoft", warning);
                logs.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // The host says itself why it did not start.
            }
        }));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Loggers.Dispose();
        return _writer.DisposeAsync();
    }
}
