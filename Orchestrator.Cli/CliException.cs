namespace Orchestrator.Cli;

/// <summary>An error that ends a command; its message says what to do.</summary>
internal class CliException(string message, int exitCode = ExitCodes.Failed) : Exception(message)
{
    public int ExitCode => exitCode;
}

/// <summary>The command line is invalid.</summary>
internal sealed class UsageException(string message) : CliException(message, ExitCodes.Usage);

internal static class ExitCodes
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Unhealthy = 3;
    public const int Interrupted = 130;
}
