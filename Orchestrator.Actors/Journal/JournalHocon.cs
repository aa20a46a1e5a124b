namespace Orchestrator.Actors.Journal;

/// <summary>The Akka configuration of the journal and the snapshot store in one database.</summary>
public static class JournalHocon
{
    /// <summary>The connection string for a journal given as a SQLite path, a PostgreSQL URL or a connection string.</summary>
    public static string ConnectionString(string journal) => JournalTarget.Parse(journal).ConnectionString;

    /// <summary>HOCON for a journal given as a SQLite path, a PostgreSQL URL or a connection string.</summary>
    public static string For(string journal)
    {
        var target = JournalTarget.Parse(journal);
        var connection = target.ConnectionString.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return $$"""
        akka.persistence {
          max-concurrent-recoveries = 200
          journal {
            plugin = "akka.persistence.journal.sql"
            sql {
              class = "Orchestrator.Actors.Journal.RevisionJournal, Orchestrator.Actors"
              connection-string = "{{connection}}"
              provider-name = "{{target.Provider}}"
              auto-initialize = false
              circuit-breaker { max-failures = 100, call-timeout = 30s, reset-timeout = 1s }
            }
          }
          snapshot-store {
            plugin = "akka.persistence.snapshot-store.sql"
            sql {
              class = "Orchestrator.Actors.Journal.RevisionSnapshotStore, Orchestrator.Actors"
              connection-string = "{{connection}}"
              provider-name = "{{target.Provider}}"
              auto-initialize = false
              circuit-breaker { max-failures = 100, call-timeout = 30s, reset-timeout = 1s }
            }
          }
        }
        akka.actor {
          serializers.object-snapshot = "Orchestrator.Actors.Journal.ObjectSnapshotSerializer, Orchestrator.Actors"
          serialization-bindings { "Orchestrator.Actors.Journal.ObjectSnapshot, Orchestrator.Actors" = object-snapshot }
        }
        """;
    }
}
