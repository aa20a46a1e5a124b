namespace Orchestrator.Node.Agent.KeptLogs;

/// <summary>Writes the end of a log to a file that is there whole or not at all, however the process ends. What a container wrote may be long: at most twice what is kept is on disk meanwhile.</summary>
/// <param name="folder">Where it is written until it is finished.</param>
/// <param name="most">Bytes that are kept: the last ones, from the start of a line.</param>
internal sealed class KeptLogFile(string folder, long most) : IDisposable
{
    /// <summary>How the names of files end that are being written.</summary>
    public const string Unfinished = ".part";

    // Two removals of one pod may be under way for a moment.
    private readonly string _newer = Path.Combine(folder, $"{Path.GetRandomFileName()}.1{Unfinished}");
    private readonly string _older = Path.Combine(folder, $"{Path.GetRandomFileName()}.2{Unfinished}");
    private FileStream? _file;
    private bool _isInLine;

    /// <summary>Adds a message of the runtime, which begins with its time. A line may come in several.</summary>
    public async Task AddAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        var wanted = _isInLine ? LogTimes.Split(message).Text : message;
        _file ??= Create(_newer);
        if (_file.Length + wanted.Length > most && _file.Length > 0)
        {
            await _file.DisposeAsync().ConfigureAwait(false);
            File.Move(_newer, _older, overwrite: true);
            _file = Create(_newer);
        }

        await _file.WriteAsync(wanted, cancellation).ConfigureAwait(false);
        _isInLine = message.Span.IsEmpty ? _isInLine : message.Span[^1] != (byte)'\n';
    }

    /// <summary>Ends it.</summary>
    /// <returns>The file, to be moved to its place; null if nothing was written.</returns>
    public async Task<string?> FinishAsync(CancellationToken cancellation)
    {
        if (_file is null)
        {
            return null;
        }

        await _file.DisposeAsync().ConfigureAwait(false);
        if (!File.Exists(_older))
        {
            return _newer;
        }

        await JoinAsync(cancellation).ConfigureAwait(false);
        return _older;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        File.Delete(_newer);
        File.Delete(_older);
    }

    // The end of the older part before the newer one, from the start of a line.
    private async Task JoinAsync(CancellationToken cancellation)
    {
        var end = await File.ReadAllBytesAsync(_older, cancellation).ConfigureAwait(false);
        var rest = await File.ReadAllBytesAsync(_newer, cancellation).ConfigureAwait(false);
        var from = (int)Math.Max(0, end.Length + rest.Length - most);
        var start = from == 0 ? 0 : from >= end.Length ? end.Length : end.AsSpan(from - 1).IndexOf((byte)'\n') is >= 0 and var at ? from + at : end.Length;
        using var joined = Create(_older);
        await joined.WriteAsync(end.AsMemory(start), cancellation).ConfigureAwait(false);
        await joined.WriteAsync(rest, cancellation).ConfigureAwait(false);
    }

    private static FileStream Create(string file) => new(file, new FileStreamOptions
    {
        Mode = FileMode.Create,
        Access = FileAccess.Write,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        BufferSize = 64 * 1024,
    });
}
