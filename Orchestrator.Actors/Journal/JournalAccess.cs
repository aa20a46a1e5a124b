using Akka.Actor;

namespace Orchestrator.Actors.Journal;

/// <summary>The journal of an actor system: one table and one writer, shared by the journal plugin and the snapshot store.</summary>
public sealed class JournalAccess : IExtension
{
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(10);

    private JournalAccess(ExtendedActorSystem system)
    {
        Table = new JournalTable(system.Settings.Config.GetString("akka.persistence.journal.sql.connection-string"));
        Writer = new JournalWriter(Table, system.Settings.Setup.Get<RevisionJournalSetup>() is { HasValue: true } setup ? setup.Value.Sink : null);
        _ = StopWithAsync(system);
    }

    /// <summary>For reading.</summary>
    public JournalTable Table { get; }

    internal JournalWriter Writer { get; }

    /// <summary>The journal of this system. The first call opens it, makes its tables where they are missing and begins to publish:
    /// whatever is committed later reaches the sink.</summary>
    /// <exception cref="System.Data.Common.DbException">The database cannot be opened.</exception>
    public static JournalAccess Of(ActorSystem system) => system.WithExtension<JournalAccess, Provider>();

    private async Task StopWithAsync(ExtendedActorSystem system)
    {
        await system.WhenTerminated.ConfigureAwait(false);
        await Writer.DisposeAsync().AsTask().WaitAsync(StopBound).ConfigureAwait(false);
        Table.Dispose();
    }

    private sealed class Provider : ExtensionIdProvider<JournalAccess>
    {
        public override JournalAccess CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
