using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Journal;

public sealed class SqliteJournalSpec : JournalContract
{
    private readonly TempFolder _folder;

    public SqliteJournalSpec() : this(new TempFolder())
    {
    }

    private SqliteJournalSpec(TempFolder folder) : base(folder.File("journal.db")) => _folder = folder;

    [Fact]
    public void The_files_are_readable_by_their_owner_only_also_those_of_a_former_version()
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var path = _folder.File("modes.db");
        File.WriteAllBytes(path, []);
        File.SetUnixFileMode(path, ownerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        foreach (var journal in (string[])[path, _folder.File("new.db")])
        {
            using var table = new Orchestrator.Actors.Journal.JournalTable(journal);
            Assert.Equal(0, table.Head());
            Assert.All(Directory.GetFiles(_folder.Path, Path.GetFileName(journal) + "*"), f => Assert.Equal(ownerOnly, File.GetUnixFileMode(f)));
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }
}
