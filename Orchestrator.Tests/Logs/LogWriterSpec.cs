using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;
using Orchestrator.Node.Logs;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Logs;

/// <summary>The log when its output is slow or fails.</summary>
public sealed class LogWriterSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly Output _output = new();

    [Fact]
    public async Task Lines_that_find_no_room_are_dropped_and_counted()
    {
        using var dropped = new DroppedLines();
        await using var log = new LogWriter(_output, LogFormat.Text, TimeProvider.System, capacity: 2);
        _output.Gate.Reset();
        log.Write(Line("first"));
        await Poll.UntilAsync(() => Task.FromResult(_output.IsWaiting), Bound, () => "the first line is being written");
        foreach (var name in (string[])["second", "third", "fourth", "fifth"])
        {
            log.Write(Line(name)); // Nobody waits for the output.
        }

        _output.Gate.Set();
        await LinesAsync(4);
        Assert.Equal(2, dropped.Sum);
        Assert.Equal(["first", "\"Lines of the log were dropped, because they could not be written fast enough or at all\" lines=2", "second", "third"], Said());
    }

    [Fact]
    public async Task Lines_that_cannot_be_written_are_dropped_and_counted()
    {
        await using var log = new LogWriter(_output, LogFormat.Text, TimeProvider.System);
        _output.IsFull = true;
        log.Write(Line("lost"));
        log.Write(Line("lost"));
        await Poll.UntilAsync(() => Task.FromResult(_output.Failures == 2), Bound, () => "two lines fail");
        _output.IsFull = false;
        log.Write(Line("kept"));
        await LinesAsync(3);
        Assert.Equal(["", "kept", "\"Lines of the log were dropped, because they could not be written fast enough or at all\" lines=2"], Said());
    }

    [Fact]
    public async Task What_is_said_before_the_end_is_written()
    {
        await using (var log = new LogWriter(_output, LogFormat.Text, TimeProvider.System))
        {
            log.Write(Line("last"));
            await log.DisposeAsync();
            log.Write(Line("late"));
        }

        Assert.Equal(["last"], Said());
    }

    private static LogLine Line(string message) => new(DateTimeOffset.UnixEpoch, LogLevel.Information, "spec", message, []);

    private Task LinesAsync(int count) => Poll.UntilAsync(() => Task.FromResult(Said().Count >= count), Bound, () => $"{count} lines: {string.Join('|', Said())}");

    private IReadOnlyList<string> Said() => [.. _output.Text.Split('\n')[..^1].Select(l => l.Split("msg=")[^1])];

    // What the metric counts meanwhile. Other specs drop no lines: they do not run at the same time.
    private sealed class DroppedLines : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _sum;

        public DroppedLines()
        {
            _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _sum, value));
            _listener.EnableMeasurementEvents(LogInstruments.Dropped);
            _listener.Start();
        }

        public long Sum => Volatile.Read(ref _sum);

        public void Dispose() => _listener.Dispose();
    }

    // An output that blocks while its gate is closed, and fails while it is full.
    private sealed class Output : MemoryStream
    {
        private readonly StringBuilder _text = new();

        public ManualResetEventSlim Gate { get; } = new(true);

        public volatile bool IsFull;

        public volatile bool IsWaiting;

        public volatile int Failures;

        public string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            IsWaiting = true;
            Gate.Wait();
            if (IsFull)
            {
                Failures++;
                throw new IOException("No space left on device");
            }

            lock (_text)
            {
                _text.Append(Encoding.UTF8.GetString(buffer));
            }
        }
    }
}
