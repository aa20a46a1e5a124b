using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Orchestrator.Actors.Journal.Sqlite;

/// <summary>The files of a SQLite journal as this host opened them. Linux lets a process write to files that were moved or deleted; what is committed
/// there is gone after a restart. So every batch is acknowledged only if the files are still at their paths.</summary>
internal sealed class SqliteFiles : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly (string Path, (ulong Device, ulong Inode) Id)[] _files;
    private bool _isWrittenBack;

    private SqliteFiles(SqliteConnection connection, string path)
    {
        _connection = connection;
        _files = [.. ((string[])[path, path + "-wal"]).Select(p => (p, IdOf(p) ?? throw new JournalMovedException(p, isStored: false)))];
    }

    /// <summary>Opens the database and remembers its files. Its connection stays open, because the last one that closes deletes the write-ahead log.</summary>
    /// <exception cref="JournalMovedException">The files were moved while they were opened.</exception>
    public static SqliteFiles Open(string connectionString)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        try
        {
            connection.Open();
            using var read = connection.CreateCommand();
            read.CommandText = "SELECT 1 FROM journal LIMIT 1";
            read.ExecuteScalar();
            return new SqliteFiles(connection, Path.GetFullPath(connection.DataSource));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Checks that the files are still at their paths.</summary>
    /// <param name="isStored">Whether something was committed since the last check.</param>
    /// <exception cref="JournalMovedException">A file is not.</exception>
    public void Check(bool isStored)
    {
        foreach (var (path, id) in _files)
        {
            if (IdOf(path) != id)
            {
                WriteBack();
                throw new JournalMovedException(path, isStored);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    // A log that was deleted is still open: what was acknowledged goes to the database file, which a restart reads.
    private void WriteBack()
    {
        if (_isWrittenBack)
        {
            return;
        }

        using var command = _connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(FULL)";
        command.ExecuteNonQuery();
        _isWrittenBack = true;
    }

    private static (ulong Device, ulong Inode)? IdOf(string path)
    {
        const int currentFolder = -100, size = 256, inodeAt = 32, deviceAt = 136;
        const uint inode = 0x100;
        var facts = new byte[size];
        return Statx(currentFolder, path, 0, inode, facts) == 0 ? (BitConverter.ToUInt64(facts, deviceAt), BitConverter.ToUInt64(facts, inodeAt)) : null;
    }

    [DllImport("libc", EntryPoint = "statx", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, string path, int flags, uint mask, [Out] byte[] facts);
}
