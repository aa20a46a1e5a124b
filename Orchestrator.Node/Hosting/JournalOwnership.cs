using Orchestrator.Actors.Journal;

namespace Orchestrator.Node.Hosting;

/// <summary>Binds a data directory to its journal, so that a host does not start with an empty journal, or that of another cluster, in its place.</summary>
internal static class JournalOwnership
{
    /// <summary>Checks that the journal is the one that the data directory was used with; the first start records it.</summary>
    /// <exception cref="InvalidOperationException">It is another one. The message says what to do.</exception>
    public static async Task CheckAsync(string dataDir, JournalTable journal, CancellationToken cancellation)
    {
        var path = Path.Combine(dataDir, "journal.id");
        var id = journal.Identity();
        if (!File.Exists(path))
        {
            await File.WriteAllTextAsync(path, id + "\n", cancellation).ConfigureAwait(false);
            return;
        }

        if ((await File.ReadAllTextAsync(path, cancellation).ConfigureAwait(false)).Trim() is var known && known != id)
        {
            throw new InvalidOperationException($"{dataDir} belongs to the journal {known}, but the journal that is configured is {id}{(journal.Head() == 0 ? " and empty" : "")}. "
                + $"Configure or restore the right one. To use this one instead, delete {path}");
        }
    }
}
