using Orchestrator.Actors.Api;
using System.Collections.Immutable;
using Cronos;

namespace Orchestrator.Actors.Kinds.CronJobs;

/// <summary>The times at which a cron job is due (Kubernetes, "CronJob", "Schedule syntax").</summary>
internal sealed class CronSchedule
{
    private const string Every = "@every ";

    // As any other cron, and unlike Cronos: if both days are restricted, either will do. Then there is one expression for each.
    private readonly ImmutableArray<CronExpression> _expressions;
    private readonly TimeSpan? _interval;
    private readonly TimeZoneInfo _zone;

    private CronSchedule(ImmutableArray<CronExpression> expressions, TimeSpan? interval, TimeZoneInfo zone) => (_expressions, _interval, _zone) = (expressions, interval, zone);

    /// <summary>Parses a schedule.</summary>
    /// <param name="text">Five fields, or a name such as <c>@hourly</c>, or <c>@every</c> with a duration.</param>
    /// <param name="zone">The time zone of the fields.</param>
    /// <exception cref="FormatException">The schedule is invalid.</exception>
    public static CronSchedule Parse(string text, TimeZoneInfo zone)
    {
        if (text.StartsWith(Every, StringComparison.Ordinal))
        {
            var interval = GoDuration.Read(text[Every.Length..]) ?? throw new FormatException($"failed to parse duration {text}: time: invalid duration \"{text[Every.Length..]}\"");
            return new CronSchedule([], interval < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(Math.Truncate(interval.TotalSeconds)), zone);
        }

        return new CronSchedule([.. CronFields.Parse(text).Select(f => CronExpression.Parse(f))], null, zone);
    }

    /// <summary>Returns the first time after another one; null if there is none, such as for the 31st of February.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        if (_interval is { } interval)
        {
            return after.AddTicks(-(after.Ticks % TimeSpan.TicksPerSecond)) + interval;
        }

        return _expressions.Select(e => e.GetNextOccurrence(after, _zone)).Where(t => t is not null).Min();
    }

    /// <summary>Returns the last time after one and up to another; null if there is none. Looks back from the end, so that years cost no more than days.</summary>
    public DateTimeOffset? Last(DateTimeOffset after, DateTimeOffset until)
    {
        if (Next(after) is not { } first || first > until)
        {
            return null;
        }

        if (_interval is { } interval)
        {
            return first + (interval * Math.Floor((until - first) / interval));
        }

        var last = first;
        for (var window = TimeSpan.FromMinutes(1); until - window > first; window *= 2)
        {
            if (Next(until - window) is { } found && found <= until)
            {
                last = found;
                break;
            }
        }

        while (Next(last) is { } next && next <= until)
        {
            last = next;
        }

        return last;
    }

    /// <summary>Whether more than a number of times are after one and up to another.</summary>
    public bool HasMoreThan(int times, DateTimeOffset after, DateTimeOffset until)
    {
        var next = Next(after);
        for (; times > 0 && next <= until; times--)
        {
            next = Next(next.Value);
        }

        return next <= until;
    }
}
