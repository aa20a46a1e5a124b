using System.Globalization;
using System.Text;
using Orchestrator.Node.Agent.KeptLogs;

namespace Orchestrator.Node.Docker;

/// <summary>Tells messages of a log that have been seen from those that are new, by their times. Those of one stream are written one after the other, so their times rise, unless the
/// clock of the engine is set back.</summary>
internal sealed class SeenMessages
{
    // More than fit into one file of a log.
    private const int Most = 1 << 18;
    private readonly Dictionary<byte, Stream> _streams = [];
    private long _last = long.MinValue;

    /// <summary>The newest time so far; null if there is none.</summary>
    public DateTimeOffset? Last { get; private set; }

    /// <summary>Whether a message has not been seen; then it is from now on.</summary>
    /// <param name="stream">Its stream.</param>
    /// <param name="time">Its time, as the engine writes it.</param>
    /// <param name="isRest">Whether only what comes after the last message is new.</param>
    public bool IsNew(byte stream, ReadOnlySpan<byte> time, bool isRest)
    {
        if (LogTimes.At(time) is not { } at)
        {
            return true;
        }

        var nanos = Nanos(at, time);
        if (!_streams.TryGetValue(stream, out var known))
        {
            _streams[stream] = known = new Stream(isRest ? _last : long.MinValue);
        }

        if (!known.Take(nanos, isRest))
        {
            return false;
        }

        if (nanos > _last)
        {
            (_last, Last) = (nanos, at);
        }

        return true;
    }

    // Finer than a tick, of which two messages could have the same.
    private static long Nanos(DateTimeOffset at, ReadOnlySpan<byte> time)
    {
        var fraction = time.IndexOf((byte)'.') is >= 0 and var dot ? Encoding.ASCII.GetString(time[(dot + 1)..^1]).PadRight(9, '0')[..9] : "0";
        return (at.ToUnixTimeSeconds() * 1_000_000_000) + long.Parse(fraction, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private sealed class Stream(long last)
    {
        private readonly List<long> _times = [];
        private long _last = last;
        private int _delivered;
        private int _again;
        private bool _isRest;

        // The parts of a long line have one time, so those with the last time are counted.
        public bool Take(long time, bool isRest)
        {
            if (isRest && !_isRest)
            {
                (_isRest, _again) = (true, 0);
            }

            if (time == _last)
            {
                if (++_again <= _delivered)
                {
                    return false;
                }

                _delivered = _again;
                return true;
            }

            if (time < _last)
            {
                _again = 0;
                if (isRest || _times.BinarySearch(time) >= 0)
                {
                    return false;
                }

                // The clock was set back.
                _times.Clear();
            }

            if (_times.Count >= Most)
            {
                _times.RemoveRange(0, Most / 2);
            }

            _times.Add(time);
            (_last, _delivered, _again) = (time, 1, 1);
            return true;
        }
    }
}
