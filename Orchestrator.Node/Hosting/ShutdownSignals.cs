using System.Runtime.InteropServices;
using Orchestrator.Node.Agent.Shutdown;
using Orchestrator.Node.Logs;

namespace Orchestrator.Node.Hosting;

/// <summary>Hears that the machine of this host shuts down: from logind, where there is one, and by the signal SIGPWR, which whoever shuts it down in another way can send. Both only if pods are to end then.</summary>
internal sealed class ShutdownSignals : IAsyncDisposable
{
    private const PosixSignal PowerFails = (PosixSignal)30;
    private readonly PosixSignalRegistration? _power;
    private readonly LogindWatch? _logind;

    private ShutdownSignals(PosixSignalRegistration? power, LogindWatch? logind) => (_power, _logind) = (power, logind);

    /// <summary>Begins to listen.</summary>
    public static ShutdownSignals Listen(NodeShutdown shutdown, bool hasPods, ILogger log)
    {
        if (!shutdown.Settings.IsOn || !hasPods)
        {
            return new ShutdownSignals(null, null);
        }

        var logind = LogindWatch.IsThere ? new LogindWatch(shutdown, LogindPrograms.OfMachine, why => log.Tell(LogLevel.Warning, why)) : null;
        logind?.Start();
        return new ShutdownSignals(PosixSignalRegistration.Create(PowerFails, context =>
        {
            context.Cancel = true;
            _ = shutdown.BeginAsync();
        }), logind);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _power?.Dispose();
        if (_logind is not null)
        {
            await _logind.DisposeAsync().ConfigureAwait(false);
        }
    }
}
