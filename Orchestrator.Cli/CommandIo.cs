using Orchestrator.Cli.Client;

namespace Orchestrator.Cli;

/// <summary>What a command reads and writes besides the API server.</summary>
/// <param name="In">Standard input, for <c>-f -</c>; opened only then, because opening sets a terminal up.</param>
/// <param name="Out">Results.</param>
/// <param name="Error">Progress and errors.</param>
/// <param name="HasColour">Whether results may be coloured: only on a terminal, and never with NO_COLOR.</param>
/// <param name="IsInteractive">Whether progress may redraw its line.</param>
/// <param name="Time">The clock, for ages and bounds.</param>
/// <param name="Connect">Opens the connection that a kubeconfig describes.</param>
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
