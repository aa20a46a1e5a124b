using System.Collections.Concurrent;
using System.Text;

namespace Orchestrator.Node.Logs;

/// <summary>Writes the log with one thread of its own. Whoever has something to say never waits: a line that finds no room, or that cannot be written, is
/// dropped, and the next one that can be is followed by how many were.</summary>
internal sealed class LogWriter : IAsyncDisposable
{
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(2);
    private readonly BlockingCollection<LogLine> _lines;
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stream _output;
    private readonly Func<LogLine, string> _format;
    private readonly TimeProvider _time;
    private long _dropped;
    private bool _isTorn;

    /// <summary>Starts to write.</summary>
    /// <param name="output">Where to; it may block or fail.</param>
    /// <param name="format">The text of a line.</param>
    /// <param name="time">The clock.</param>
    /// <param name="capacity">How many lines may wait.</param>
    public LogWriter(Stream output, LogFormat format, TimeProvider time, int capacity = 4096)
    {
        (_output, _format, _time) = (output, format == LogFormat.Json ? JsonFormat.Format : TextFormat.Format, time);
        _lines = new BlockingCollection<LogLine>(capacity);
        new Thread(WriteAll) { IsBackground = true, Name = "log" }.Start();
    }

    /// <summary>Takes a line, or drops it.</summary>
    public void Write(LogLine line)
    {
        try
        {
            if (_lines.TryAdd(line))
            {
                return;
            }
        }
        catch (InvalidOperationException)
        {
            // The log is closed.
        }

        Drop();
    }

    /// <summary>Writes what is still waiting, unless it takes too long.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.CompleteAdding();
        await _written.Task.WaitAsync(StopBound).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void WriteAll()
    {
        foreach (var line in _lines.GetConsumingEnumerable())
        {
            if (!TryWrite(line))
            {
                Drop();
            }
            else if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped && !TryWrite(Dropped(dropped)))
            {
                Interlocked.Add(ref _dropped, dropped);
            }
        }

        _written.SetResult();
    }

    private void Drop()
    {
        Interlocked.Increment(ref _dropped);
        LogInstruments.Dropped.Add(1);
    }

    // Whatever is wrong with a line or with the output, the log does not report it to itself.
    private bool TryWrite(LogLine line)
    {
        try
        {
            var text = _format(line);
            var bytes = Encoding.UTF8.GetBytes(_isTorn ? "\n" + text : text);
            _isTorn = true; // Half of it may be written when the disk is full.
            _output.Write(bytes);
            _output.Flush();
            _isTorn = false;
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private LogLine Dropped(long lines) =>
        new(_time.GetUtcNow(), LogLevel.Warning, "log", "Lines of the log were dropped, because they could not be written fast enough or at all", [new("lines", lines)]);
}
