namespace Orchestrator.Tests.Journal;

public sealed class SqliteJournalSpec() : JournalContract(Path.Combine(Directory.CreateTempSubdirectory("journal").FullName, "journal.db"));
