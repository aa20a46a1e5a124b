namespace Orchestrator.Node.Agent.KeptLogs;

/// <summary>Cuts what a client asked for out of a log in which each line begins with its time. Pure.</summary>
internal static class KeptLogText
{
    private const int Piece = 64 * 1024;

    /// <summary>Returns the chosen lines in pieces.</summary>
    /// <param name="log">The whole log.</param>
    /// <param name="options">What is asked for.</param>
    public static IEnumerable<ReadOnlyMemory<byte>> Choose(ReadOnlyMemory<byte> log, LogOptions options)
    {
        var skipped = options.TailLines is { } tail ? Math.Max(0, Lines(log).LongCount() - tail) : 0;
        var left = options.LimitBytes ?? long.MaxValue;
        var piece = new MemoryStream();
        foreach (var line in Lines(log).Skip((int)Math.Min(skipped, int.MaxValue)))
        {
            var (time, text) = LogTimes.Split(line);
            if (left == 0 || (options.Since is { } since && time.Length > 0 && LogTimes.At(time.Span[..^1]) < since))
            {
                continue;
            }

            var wanted = options.HasTimestamps ? line : text;
            wanted = wanted[..(int)Math.Min(left, wanted.Length)];
            left -= wanted.Length;
            piece.Write(wanted.Span);
            if (piece.Length >= Piece)
            {
                yield return piece.ToArray();
                piece.SetLength(0);
            }
        }

        if (piece.Length > 0)
        {
            yield return piece.ToArray();
        }
    }

    // Each with its end of line; the last one may have none.
    private static IEnumerable<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> log)
    {
        while (log.Length > 0)
        {
            var end = log.Span.IndexOf((byte)'\n') is >= 0 and var at ? at + 1 : log.Length;
            yield return log[..end];
            log = log[end..];
        }
    }
}
