using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Dispatch;
using Akka.Event;
using Orchestrator.Actors.Logs;

namespace Orchestrator.Node.Logs;

/// <summary>Hands the log of an actor system to the log of its host.</summary>
internal sealed class AkkaLogger : UntypedActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    // They repeat, in several lines and with stacks, what MembershipLogActor says in one.
    private static readonly string[] OfConnections = ["Akka.Remote", "Akka.Cluster", "Akka.Cluster.SBR", "remoting", "remoting-terminator", "Cluster"];
    private readonly ILoggerFactory _loggers = Context.System.Settings.Setup.Get<AkkaLogSetup>().Value.Loggers;

    /// <summary>The configuration of an actor system that logs here, from a level on.</summary>
    public static string Hocon(Microsoft.Extensions.Logging.LogLevel level) => $"""
        akka.loggers = ["{typeof(AkkaLogger).FullName}, {typeof(AkkaLogger).Assembly.GetName().Name}"]
        akka.loglevel = {LogLine.NameOf(level).ToUpperInvariant()}
        akka.stdout-logger-class = "{typeof(Silence).FullName}, {typeof(Silence).Assembly.GetName().Name}"
        """;

    /// <summary>The level of an event in the log of the host.</summary>
    public static Microsoft.Extensions.Logging.LogLevel LevelOf(LogEvent e) => e switch
    {
        _ when (e.Cause is null && IsOfConnections(CategoryOf(e))) || (e.Cause is { } cause && Faults.IsOfConnections(cause)) => Microsoft.Extensions.Logging.LogLevel.Debug,
        Error => Microsoft.Extensions.Logging.LogLevel.Error,
        Warning => Microsoft.Extensions.Logging.LogLevel.Warning,
        Info => Microsoft.Extensions.Logging.LogLevel.Information,
        _ => Microsoft.Extensions.Logging.LogLevel.Debug,
    };

    /// <summary>The class that logged an event, or the name that it gave itself.</summary>
    public static string CategoryOf(LogEvent e) => e.LogClass is { } type && type != typeof(string) && type != typeof(DummyClassForStringSources) ? type.FullName ?? type.Name
        : e.LogSource.Split(' ', '(', '@')[0];

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                break;
            case LogEvent e:
                var (text, fields) = Read(e);
                _loggers.CreateLogger(CategoryOf(e)).Log(LevelOf(e), default, fields, e.Cause, (_, _) => text);
                break;
        }
    }

    private static (string Text, IReadOnlyList<KeyValuePair<string, object?>> Fields) Read(LogEvent e) => e switch
    {
        { Message: FieldMessage own } => (own.Text, own.Fields),
        { Cause: not null } when typeof(SupervisorStrategy).IsAssignableFrom(e.LogClass) => ("An actor failed", [new("actor", e.LogSource)]),
        _ => (e.Message?.ToString() ?? "", []),
    };

    private static bool IsOfConnections(string category) =>
        OfConnections.Contains(category) || (category.LastIndexOf('.') is > 0 and var end && OfConnections.Contains(category[..end])) || category.StartsWith("Akka.Remote.", StringComparison.Ordinal);
}

/// <summary>The loggers of the host that an actor system belongs to.</summary>
internal sealed class AkkaLogSetup(ILoggerFactory loggers) : Setup
{
    public ILoggerFactory Loggers => loggers;
}

/// <summary>Takes what an actor system says before it has its loggers and after they have stopped: its own steps.</summary>
internal sealed class Silence : MinimalLogger
{
    /// <inheritdoc/>
    protected override void Log(object message)
    {
        // Nothing that the host does not say itself.
    }
}
