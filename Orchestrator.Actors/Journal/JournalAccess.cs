using Akka.Actor;
using Akka.Event;

namespace Orchestrator.Actors.Journal;

/// <summary>The journal of an actor system: one table and one writer, shared by the journal plugin and the snapshot store.</summary>
public sealed class JournalAccess : IExtension
{
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Period = TimeSpan.FromHours(1);
    private static readonly TimeSpan Retry = TimeSpan.FromMinutes(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly ILoggingAdapter _log;
    private Task _trimming = Task.CompletedTask;

    private JournalAccess(ExtendedActorSystem system)
    {
        Table = new JournalTable(system.Settings.Config.GetString("akka.persistence.journal.sql.connection-string"));
        Ids = Table.Dialect.IsShared ? null : new KnownIds(Table.Ids());
        Writer = new JournalWriter(Table, system.Settings.Setup.Get<RevisionJournalSetup>() is { HasValue: true } setup ? setup.Value.Sink : null) { Ids = Ids };
        _log = Logging.GetLogger(system, typeof(JournalAccess));
        _ = StopWithAsync(system);
    }

    /// <summary>For reading.</summary>
    public JournalTable Table { get; }

    internal JournalWriter Writer { get; }

    private KnownIds? Ids { get; }

    /// <summary>Whether there may be rows of an id; false is certain.</summary>
    internal bool MayHave(string persistenceId) => Ids?.MayHave(persistenceId) != false;

    /// <summary>A snapshot of an id is about to be written.</summary>
    internal void Expect(string persistenceId) => Ids?.Add(persistenceId);

    /// <summary>The journal of this system. The first call opens it, makes its tables where they are missing and begins to publish:
    /// whatever is committed later reaches the sink.</summary>
    /// <exception cref="System.Data.Common.DbException">The database cannot be opened.</exception>
    public static JournalAccess Of(ActorSystem system) => system.WithExtension<JournalAccess, Provider>();

    /// <summary>Begins to delete events that are older than this, now and then. Once for a system.</summary>
    public void Retain(TimeSpan keep, ApplyEvent apply, TimeProvider time) =>
        _trimming = Task.Run(() => TrimAsync(new JournalTrimmer(Table, Writer, keep, apply, time), time));

    private async Task TrimAsync(JournalTrimmer trimmer, TimeProvider time)
    {
        while (!_stop.IsCancellationRequested)
        {
            var pause = Period;
            try
            {
                await trimmer.PassAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is System.Data.Common.DbException or InvalidOperationException or IOException or TimeoutException or System.Text.Json.JsonException)
            {
                _log.Warning(e, "The journal could not be trimmed; it has lost nothing. The next try is in {0}", Retry);
                pause = Retry;
            }

            await Task.Delay(pause, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StopWithAsync(ExtendedActorSystem system)
    {
        await system.WhenTerminated.ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _trimming.WaitAsync(StopBound).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Writer.DisposeAsync().AsTask().WaitAsync(StopBound).ConfigureAwait(false);
        Table.Dispose();
    }

    private sealed class Provider : ExtensionIdProvider<JournalAccess>
    {
        public override JournalAccess CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
