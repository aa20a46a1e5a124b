using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Journal;

public sealed class SqliteJournalSpec : JournalContract
{
    private readonly TempFolder _folder;

    public SqliteJournalSpec() : this(new TempFolder())
    {
    }

    private SqliteJournalSpec(TempFolder folder) : base(folder.File("journal.db")) => _folder = folder;

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }
}
