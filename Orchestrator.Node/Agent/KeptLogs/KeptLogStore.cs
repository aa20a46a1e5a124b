using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Actors.Kinds.Nodes;

namespace Orchestrator.Node.Agent.KeptLogs;

/// <summary>The logs of pods that a node has removed, for a time and up to a size. Files <c>NAMESPACE/POD/UID/CONTAINER_ATTEMPT.log</c> below a folder of its own; what is there is read
/// once, at the start. Thread-safe.</summary>
internal sealed partial class KeptLogStore
{
    // What a small file takes of a disk; also bounds their number.
    private const long Block = 4096;
    private const string Extension = ".log";
    private readonly string _folder;
    private readonly KeptLogSettings _settings;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Namespace, string Pod), ImmutableList<KeptLog>> _kept = [];
    private readonly SortedSet<(DateTimeOffset At, string Path)> _oldest = new(Comparer<(DateTimeOffset At, string Path)>.Create(
        (a, b) => a.At.CompareTo(b.At) is not 0 and var order ? order : string.CompareOrdinal(a.Path, b.Path)));
    private long _bytes;

    /// <param name="folder">Its folder; made if it is missing.</param>
    /// <param name="settings">How much is kept.</param>
    /// <param name="time">The clock.</param>
    public KeptLogStore(string folder, KeptLogSettings settings, TimeProvider time)
    {
        (_folder, _settings, _time) = (folder, settings, time);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (Parse(Path.GetRelativePath(folder, file)) is var (ns, pod, uid, container, attempt))
            {
                var facts = new FileInfo(file);
                Enter(ns, pod, new KeptLog(uid, container, attempt, facts.Length, facts.LastWriteTimeUtc));
            }
            else
            {
                // Somebody died while it was written.
                File.Delete(file);
            }
        }

        Prune();
    }

    /// <summary>Told of a log that could not be kept, and why.</summary>
    public Action<string, Exception> Lost { get; init; } = (_, _) => { };

    /// <summary>Whether anything is kept.</summary>
    public bool IsOn => _settings.KeepFor > TimeSpan.Zero && _settings.MaxBytes > 0;

    /// <summary>Keeps a log. One that is kept already is replaced: its removal was begun again.</summary>
    /// <param name="ns">Namespace of the pod.</param>
    /// <param name="pod">Its name.</param>
    /// <param name="uid">Its uid.</param>
    /// <param name="container">Name of the container.</param>
    /// <param name="attempt">Its attempt.</param>
    /// <param name="messages">What it wrote, each message with its time.</param>
    /// <param name="cancellation">Cancels the call; then nothing is kept.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public async Task SaveAsync(string ns, string pod, string uid, string container, int attempt, IAsyncEnumerable<ReadOnlyMemory<byte>> messages, CancellationToken cancellation)
    {
        var path = PathOf(ns, pod, uid, container, attempt);
        if (!IsOn || Parse(path) is null)
        {
            return;
        }

        using var file = new KeptLogFile(_folder, Math.Min(_settings.MaxLogBytes, _settings.MaxBytes));
        await foreach (var message in messages.WithCancellation(cancellation).ConfigureAwait(false))
        {
            await file.AddAsync(message, cancellation).ConfigureAwait(false);
        }

        if (await file.FinishAsync(cancellation).ConfigureAwait(false) is { } finished)
        {
            var now = _time.GetUtcNow();
            File.SetLastWriteTimeUtc(finished, now.UtcDateTime);
            lock (_gate)
            {
                var full = Path.Combine(_folder, path);
                Directory.CreateDirectory(Path.GetDirectoryName(full)!);
                File.Move(finished, full, overwrite: true);
                Enter(ns, pod, new KeptLog(uid, container, attempt, new FileInfo(full).Length, now));
            }
        }

        Prune();
    }

    /// <summary>What is kept of pods of a name; the last removed first.</summary>
    public ImmutableArray<KeptLog> Find(string ns, string pod)
    {
        Prune();
        lock (_gate)
        {
            return [.. _kept.GetValueOrDefault((ns, pod), []).OrderByDescending(l => l.RemovedAt).ThenBy(l => l.Container, StringComparer.Ordinal).ThenByDescending(l => l.Attempt)];
        }
    }

    /// <summary>Reads a log.</summary>
    /// <exception cref="KeyNotFoundException">It is not kept, or not any more.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Read(OpenKeptLog open)
    {
        // Only what is in the index is looked for on disk, whatever names are asked for.
        if (!Find(open.Namespace, open.Pod).Any(l => l.PodUid == open.PodUid && l.Container == open.Container && l.Attempt == open.Attempt))
        {
            throw Gone(open);
        }

        try
        {
            var log = File.ReadAllBytes(Path.Combine(_folder, PathOf(open.Namespace, open.Pod, open.PodUid, open.Container, open.Attempt)));
            return KeptLogText.Choose(log, new LogOptions(TailLines: open.TailLines, Since: open.Since, HasTimestamps: open.HasTimestamps, LimitBytes: open.LimitBytes));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Gone(open);
        }
    }

    /// <summary>Deletes what is too old or too much.</summary>
    public void Prune()
    {
        lock (_gate)
        {
            var oldest = _time.GetUtcNow() - _settings.KeepFor;
            while (_oldest.Count > 0 && (_oldest.Min.At <= oldest || _bytes > _settings.MaxBytes))
            {
                Remove(_oldest.Min.Path);
            }
        }
    }

    private static KeyNotFoundException Gone(OpenKeptLog open) => new($"the log of container \"{open.Container}\" of pod \"{open.Pod}\" is not kept any more");

    private static string PathOf(string ns, string pod, string uid, string container, int attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{ns}/{pod}/{uid}/{container}_{attempt}{Extension}");

    private void Enter(string ns, string pod, KeptLog log)
    {
        lock (_gate)
        {
            var path = PathOf(ns, pod, log.PodUid, log.Container, log.Attempt);
            Forget(path);
            _kept[(ns, pod)] = _kept.GetValueOrDefault((ns, pod), []).Add(log);
            _oldest.Add((log.RemovedAt, path));
            _bytes += Math.Max(Block, log.Bytes);
        }
    }

    private void Forget(string path)
    {
        if (Parse(path) is not var (ns, pod, uid, container, attempt) || !_kept.TryGetValue((ns, pod), out var logs)
            || logs.Find(l => l.PodUid == uid && l.Container == container && l.Attempt == attempt) is not { } known)
        {
            return;
        }

        _bytes -= Math.Max(Block, known.Bytes);
        _oldest.Remove((known.RemovedAt, path));
        if (logs.Count == 1)
        {
            _kept.Remove((ns, pod));
        }
        else
        {
            _kept[(ns, pod)] = logs.Remove(known);
        }
    }

    private void Remove(string path)
    {
        Forget(path);
        var full = Path.Combine(_folder, path);
        try
        {
            File.Delete(full);
            for (var folder = Path.GetDirectoryName(full)!; folder.Length > _folder.Length && !Directory.EnumerateFileSystemEntries(folder).Any(); folder = Path.GetDirectoryName(folder)!)
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another log has come into the folder meanwhile, or it is found again at the next start.
        }
    }

    private static (string Namespace, string Pod, string Uid, string Container, int Attempt)? Parse(string path) => Form().Match(path) is { Success: true } m
        && int.TryParse(m.Groups[5].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
        ? (m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value, m.Groups[4].Value, attempt) : null;

    // The names that the API admits; none of them leads out of the folder.
    [GeneratedRegex(@"^([a-z0-9][-a-z0-9]{0,62})/([a-z0-9][-a-z0-9.]{0,252})/([A-Za-z0-9][-A-Za-z0-9]{0,127})/([a-z0-9][-a-z0-9]{0,62})_([0-9]{1,9})\.log\z")]
    private static partial Regex Form();
}
