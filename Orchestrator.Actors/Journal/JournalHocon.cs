using Microsoft.Data.Sqlite;

namespace Orchestrator.Actors.Journal;

/// <summary>The Akka configuration of the journal and the snapshot store in one SQLite file.</summary>
public static class JournalHocon
{
    /// <summary>How every connection of the journal opens the file.</summary>
    public static string ConnectionString(string path) =>
        new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate, DefaultTimeout = 30 }.ToString();

    /// <summary>HOCON for a journal at this path.</summary>
    public static string For(string path) => $$"""
        akka.persistence {
          max-concurrent-recoveries = 200
          journal {
            plugin = "akka.persistence.journal.sql"
            sql {
              class = "Orchestrator.Actors.Journal.RevisionJournal, Orchestrator.Actors"
              connection-string = "{{ConnectionString(path)}}"
              provider-name = "SQLite.MS"
            }
          }
          snapshot-store {
            plugin = "akka.persistence.snapshot-store.sql"
            sql {
              class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
              connection-string = "{{ConnectionString(path)}}"
              provider-name = "SQLite.MS"
            }
          }
        }
        akka.actor {
          serializers.object-snapshot = "Orchestrator.Actors.Journal.ObjectSnapshotSerializer, Orchestrator.Actors"
          serialization-bindings { "Orchestrator.Actors.Journal.ObjectSnapshot, Orchestrator.Actors" = object-snapshot }
        }
        """;
}
