using Orchestrator.Cli.Client;

namespace Orchestrator.Cli;

/// <summary>Streams, clock and connections of a command.</summary>
/// <param name="In">Standard input, for <c>-f -</c>; opened lazily, because opening it configures the terminal.</param>
/// <param name="Out">Results.</param>
/// <param name="Error">Progress and errors.</param>
/// <param name="HasColour">Whether output is coloured: only on a terminal, and never with NO_COLOR.</param>
/// <param name="IsInteractive">Whether progress is shown with a spinner.</param>
/// <param name="Time">The clock, for ages and timeouts.</param>
/// <param name="Connect">Opens a connection of a kubeconfig.</param>
internal sealed record CommandIo(
    Func<TextReader> In, TextWriter Out, TextWriter Error, bool HasColour, bool IsInteractive, TimeProvider Time, Func<Connection, HttpMessageHandler> Connect)
{
    public static CommandIo Console()
    {
        var isPlain = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";
        return new(() => System.Console.In, System.Console.Out, System.Console.Error,
            HasColour: !isPlain && !System.Console.IsOutputRedirected,
            IsInteractive: !isPlain && !System.Console.IsErrorRedirected,
            TimeProvider.System, Tls.Handler);
    }
}
