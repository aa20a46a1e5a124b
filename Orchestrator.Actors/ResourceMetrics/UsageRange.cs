using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.ResourceMetrics;

/// <summary>The part of a history of usages that is asked for, in seconds since 1970.</summary>
/// <param name="From">Its begin, a multiple of the step.</param>
/// <param name="To">Its end, which is not part of it.</param>
/// <param name="Step">Time between two points.</param>
public sealed record UsageRange(long From, long To, long Step)
{
    private const int MostPoints = 1000;
    private const int UsualPoints = 60;
    private const int Resolution = 15;
    private static readonly TimeSpan UsualLength = TimeSpan.FromHours(1);

    /// <summary>Number of points.</summary>
    public int Points => (int)((To - From + Step - 1) / Step);

    /// <summary>Reads the bounds of a request. A time is one of RFC 3339, or says how long ago it was; without them the range is the last hour in 60 steps.</summary>
    /// <param name="from">Its begin.</param>
    /// <param name="to">Its end.</param>
    /// <param name="step">A duration.</param>
    /// <param name="now">The current time.</param>
    /// <returns>The range, or what is wrong with which bound.</returns>
    public static (UsageRange? Range, ImmutableArray<ApiCause> Errors) Read(string? from, string? to, string? step, DateTimeOffset now)
    {
        var errors = ImmutableArray.CreateBuilder<ApiCause>();
        var end = Time("to", to, now) ?? now;
        var begin = Time("from", from, now) ?? (end > DateTimeOffset.MinValue + UsualLength ? end - UsualLength : DateTimeOffset.MinValue);
        var (first, last) = (begin.ToUnixTimeSeconds(), end.ToUnixTimeSeconds());
        var width = Math.Max(Resolution, (last - first + (UsualPoints * Resolution) - 1) / (UsualPoints * Resolution) * Resolution);
        if (step is { Length: > 0 })
        {
            if (GoDuration.Read(step) is not { } length || length < TimeSpan.FromSeconds(1))
            {
                Wrong("step", step, "use a duration of 1s or more, such as 30s or 5m");
            }
            else
            {
                width = (long)Math.Ceiling(length.TotalSeconds);
            }
        }

        if (errors.Count == 0 && first >= last)
        {
            Wrong("from", from ?? KubeTime.Text(begin), $"use a time before {KubeTime.Text(end)}, where the range ends");
        }

        if (errors.Count == 0 && (last - first) / width >= MostPoints)
        {
            Wrong("step", step ?? "", $"that would be more than {MostPoints} points: use {(last - first + MostPoints - 2) / (MostPoints - 1)}s or more, or a shorter range");
        }

        return errors.Count > 0 ? (null, errors.ToImmutable()) : (new UsageRange(first - (first % width), last, width), []);

        DateTimeOffset? Time(string field, string? text, DateTimeOffset now)
        {
            if (text is null or "")
            {
                return null;
            }

            if (KubeTime.Read(text) is { } at && at >= DateTimeOffset.UnixEpoch)
            {
                return at;
            }

            if (GoDuration.Read(text) is { } ago && ago <= now - DateTimeOffset.UnixEpoch)
            {
                return now - ago;
            }

            Wrong(field, text, "use a time such as 2030-01-02T03:04:05Z, or how long ago it was, such as 1h");
            return null;
        }

        void Wrong(string field, string value, string why) =>
            errors.Add(new ApiCause(field, "FieldValueInvalid", string.Create(CultureInfo.InvariantCulture, $"Invalid value: \"{value}\": {why}")));
    }
}
