using System.Globalization;
using System.Text;

namespace Orchestrator.Node.Agent.KeptLogs;

/// <summary>The time with which a runtime begins each message of a log: RFC 3339 and a space. Pure.</summary>
internal static class LogTimes
{
    private const int Longest = 40;
    private const int Shortest = 20;

    /// <summary>Takes the time off a message.</summary>
    /// <param name="message">A message; what containers write can be anything.</param>
    /// <returns>The time with its space, and the rest; no time if there is none.</returns>
    public static (ReadOnlyMemory<byte> Time, ReadOnlyMemory<byte> Text) Split(ReadOnlyMemory<byte> message)
    {
        var space = message.Span[..Math.Min(message.Length, Longest)].IndexOf((byte)' ');
        return space >= Shortest && At(message.Span[..space]) is not null ? (message[..(space + 1)], message[(space + 1)..]) : (default, message);
    }

    /// <summary>Reads a time; null if it is none.</summary>
    public static DateTimeOffset? At(ReadOnlySpan<byte> text)
    {
        // The engine writes nine digits after the seconds, two more than a tick has.
        const int seconds = 19;
        if (text.Length < Shortest || text[^1] != 'Z' || !DateTime.TryParseExact(Encoding.ASCII.GetString(text[..seconds]), "yyyy-MM-dd'T'HH:mm:ss",
            CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            return null;
        }

        var ticks = 0L;
        var unit = TimeSpan.TicksPerSecond;
        for (var i = seconds + 1; i < text.Length - 1; i++)
        {
            if (text[i] is < (byte)'0' or > (byte)'9')
            {
                return null;
            }

            unit /= 10;
            ticks += (text[i] - '0') * unit;
        }

        return new DateTimeOffset(time).AddTicks(ticks);
    }
}
