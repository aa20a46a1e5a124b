using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Journal;

/// <summary>Reads the whole journal from one database snapshot: the objects at <see cref="Begin"/>, then the events after it.
/// A concurrent compaction does not affect it.</summary>
public sealed class JournalReplay : IDisposable
{
    private const int Page = 2_000;
    private readonly DbConnection _connection;
    private readonly DbTransaction _transaction;
    private long _from;

    internal JournalReplay(JournalTable table)
    {
        _connection = table.Open();
        try
        {
            _transaction = table.Dialect.BeginRead(_connection);
            Begin = _from = RetentionRows.Read(_connection).Folded;
            Head = JournalTable.Head(_connection);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>The revision of <see cref="Objects"/>; 0 if the journal was never compacted.</summary>
    public long Begin { get; }

    /// <summary>The last committed revision.</summary>
    public long Head { get; }

    /// <summary>Digest of the row at a revision (<see cref="JournalTable.DigestOf(long)"/>); null if there is no such row.</summary>
    public string? DigestOf(long revision) => JournalTable.DigestOf(_connection, revision);

    /// <summary>Leaves out the events up to a revision, because the caller has the objects at that revision.</summary>
    public void SkipTo(long revision) => _from = revision;

    /// <summary>The objects that existed at <see cref="Begin"/>. Read it to the end before the events.</summary>
    /// <param name="registry">The kinds that are served. It learns those that the objects define; objects of any other kind are left out.</param>
    public IEnumerable<KubeObject> Objects(ResourceRegistry registry)
    {
        // Snapshots are in no particular order, so a kind may be defined by a later one.
        var unknown = new List<StoredSnapshot>();
        foreach (var row in Begin == 0 ? [] : SnapshotRows.At(_connection, Begin))
        {
            if (registry.ByResource(row.PersistenceId.Split('/')[0]) is not { } kind)
            {
                unknown.Add(row);
            }
            else if (row.Snapshot.ToObject(kind) is { } item)
            {
                registry.Take(null, item);
                yield return item;
            }
        }

        foreach (var row in unknown)
        {
            if (registry.ByResource(row.PersistenceId.Split('/')[0]) is { } kind && row.Snapshot.ToObject(kind) is { } item)
            {
                yield return item;
            }
        }
    }

    /// <summary>The events after <see cref="Begin"/>, or after the revision of <see cref="SkipTo"/>, in journal order: read on one thread and decoded on others while the caller applies them.</summary>
    public async IAsyncEnumerable<Committed> EventsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var pages = Channel.CreateBounded<Task<Committed[]>>(4);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reading = Task.Run(() => ReadPagesAsync(pages.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var page in pages.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                foreach (var committed in await page.WaitAsync(cancellation).ConfigureAwait(false))
                {
                    yield return committed;
                }
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _transaction.Dispose();
        _connection.Dispose();
    }

    private async Task ReadPagesAsync(ChannelWriter<Task<Committed[]>> pages, CancellationToken cancellation)
    {
        try
        {
            var revision = _from;
            while (true)
            {
                var rows = new List<(long Revision, string Id, long Nr, string Manifest, byte[] Message)>(Page);
                using (var command = JournalTable.After(_connection, revision, Page))
                using (var reader = command.ExecuteReader())
                {
                    while (reader.Read())
                    {
                        rows.Add((reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2), reader.GetString(3), reader.GetFieldValue<byte[]>(4)));
                    }
                }

                if (rows.Count > 0)
                {
                    revision = rows[^1].Revision;
                    await pages.WriteAsync(Task.Run(() => rows.ConvertAll(r =>
                        new Committed(r.Id, r.Nr, ObjectEventCodec.Read(r.Manifest, r.Message, r.Revision))).ToArray(), cancellation), cancellation).ConfigureAwait(false);
                }

                if (rows.Count < Page)
                {
                    pages.Complete();
                    return;
                }
            }
        }
        catch (Exception e)
        {
            pages.TryComplete(e);
        }
    }
}
