using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Logs;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Journal;

/// <summary>The journal of an actor system: one table and one writer, shared by the journal plugin and the snapshot store.</summary>
public sealed class JournalAccess : IExtension
{
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Period = TimeSpan.FromHours(1);
    private static readonly TimeSpan Retry = TimeSpan.FromMinutes(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly ILoggingAdapter _log;
    private Task _compaction = Task.CompletedTask;

    private JournalAccess(ExtendedActorSystem system)
    {
        Table = new JournalTable(system.Settings.Config.GetString("akka.persistence.journal.sql.connection-string"));
        Ids = Table.Dialect.IsShared ? null : new KnownIds(Table.Ids());
        Writer = new JournalWriter(Table, system.Settings.Setup.Get<RevisionJournalSetup>() is { HasValue: true } setup ? setup.Value.Sink : null) { Ids = Ids };
        _log = Logging.GetLogger(system, typeof(JournalAccess));
        _ = StopWithAsync(system);
    }

    /// <summary>The tables, for reads.</summary>
    public JournalTable Table { get; }

    internal JournalWriter Writer { get; }

    private KnownIds? Ids { get; }

    /// <summary>Whether an id may have rows; false means that it has none.</summary>
    internal bool MayHave(string persistenceId) => Ids?.MayHave(persistenceId) != false;

    /// <summary>Must be called before a snapshot of an id is written.</summary>
    internal void Expect(string persistenceId) => Ids?.Add(persistenceId);

    /// <summary>The journal of this system. The first call opens it, creates missing tables and starts to publish:
    /// every later commit reaches the sink.</summary>
    /// <exception cref="System.Data.Common.DbException">The database cannot be opened.</exception>
    public static JournalAccess Of(ActorSystem system) => system.WithExtension<JournalAccess, Provider>();

    /// <summary>Starts the compaction of events older than <paramref name="keep"/>, once an hour. Call it once per actor system.</summary>
    public void Retain(TimeSpan keep, ResourceRegistry registry, ApplyEvent apply, TimeProvider time) =>
        _compaction = Task.Run(() => CompactAsync(new JournalCompactor(Table, Writer, registry, keep, apply, time), time));

    private async Task CompactAsync(JournalCompactor compactor, TimeProvider time)
    {
        while (!_stop.IsCancellationRequested)
        {
            var pause = Period;
            try
            {
                await compactor.PassAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is System.Data.Common.DbException or InvalidOperationException or IOException or TimeoutException or System.Text.Json.JsonException)
            {
                _log.Warn(e, "The journal could not be compacted; no data is lost. Retrying", ("retrySeconds", Retry.TotalSeconds));
                pause = Retry;
            }

            await Task.Delay(pause, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StopWithAsync(ExtendedActorSystem system)
    {
        await system.WhenTerminated.ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _compaction.WaitAsync(StopBound).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Writer.DisposeAsync().AsTask().WaitAsync(StopBound).ConfigureAwait(false);
        Table.Dispose();
    }

    private sealed class Provider : ExtensionIdProvider<JournalAccess>
    {
        public override JournalAccess CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
