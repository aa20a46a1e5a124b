using System.Globalization;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Feed.Checkpoints;

/// <summary>The checkpoints of one host, files in a folder of its data directory. The two newest are kept: the cache starts from the newest one after
/// which enough events follow for watches to resume.</summary>
/// <param name="folder">The folder; created when needed.</param>
/// <param name="build">The build of this program.</param>
/// <param name="window">The number of events before the end of the journal over which watches can resume after a start.</param>
internal sealed class CheckpointStore(string folder, string build, long window = 20_000)
{
    private const string Suffix = ".checkpoint";
    private const string Torn = ".tmp";
    private const int Kept = 2;

    /// <summary>The build of this assembly.</summary>
    public static string ThisBuild { get; } = typeof(CheckpointStore).Module.ModuleVersionId.ToString();

    /// <summary>Stores a checkpoint and deletes all but the newest ones. What is stored is whole or absent, also after a crash.</summary>
    /// <param name="row">Digest of the journal's row at the revision of the state.</param>
    /// <param name="state">What to store.</param>
    /// <param name="cancellation">Ends it without a checkpoint.</param>
    /// <exception cref="IOException">The disk is full or fails. Nothing is left of the checkpoint.</exception>
    public void Save(string row, CacheState state, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        CheckRoom(state);
        var path = PathOf(state.Revision);
        try
        {
            CheckpointFile.Write(path + Torn, new CheckpointOrigin(build, row), state, cancellation);
            File.Move(path + Torn, path, overwrite: true);
        }
        catch
        {
            File.Delete(path + Torn);
            throw;
        }

        foreach (var old in Stored().Skip(Kept))
        {
            File.Delete(PathOf(old));
        }
    }

    /// <summary>Loads a checkpoint. Those that cannot be used are deleted.</summary>
    /// <param name="begin">The revision at which the journal begins. An older checkpoint cannot be used.</param>
    /// <param name="head">The journal's last revision.</param>
    /// <param name="rowAt">Digest of the journal's row at a revision; null if there is none.</param>
    /// <param name="registry">The kinds that are served. It learns those that the objects define.</param>
    /// <param name="report">Receives a sentence for each checkpoint that cannot be used.</param>
    /// <returns>The state; null if there is none that can be used.</returns>
    public CacheState? Load(long begin, long head, Func<long, string?> rowAt, ResourceRegistry registry, Action<string> report)
    {
        foreach (var torn in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*" + Torn) : [])
        {
            File.Delete(torn);
        }

        var stored = Stored();
        var preferred = stored.Where(r => head - r >= window).Concat(stored.Where(r => head - r < window).Reverse());
        foreach (var revision in preferred.ToList())
        {
            try
            {
                return revision < begin ? throw new CheckpointFormatException($"the journal begins at {begin}")
                    : CheckpointFile.Read(PathOf(revision), build, rowAt, registry);
            }
            catch (CheckpointFormatException e)
            {
                report($"Checkpoint {PathOf(revision)} cannot be used and is deleted; the start takes longer: {e.Message}");
                File.Delete(PathOf(revision));
            }
        }

        return null;
    }

    // A checkpoint must never be what fills the disk of the journal.
    private void CheckRoom(CacheState state)
    {
        var needed = 4 * (state.Objects.Sum(r => r.Objects.Sum(o => (long)o.Weight)) + state.RecordedEvents.Sum(e => (long)e.Weight) + (1 << 20));
        var free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (free < needed)
        {
            throw new IOException($"{folder} has {free >> 20} MiB left; a checkpoint is made when {needed >> 20} MiB are free");
        }
    }

    // Newest first.
    private List<long> Stored() => !Directory.Exists(folder) ? [] : [.. Directory.EnumerateFiles(folder, "*" + Suffix)
        .Select(f => long.TryParse(Path.GetFileNameWithoutExtension(f), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : -1)
        .Where(r => r >= 0).OrderDescending()];

    private string PathOf(long revision) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{revision:D19}{Suffix}"));
}
