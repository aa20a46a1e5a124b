using System.Globalization;
using CsCheck;
using Orchestrator.Actors.Kinds.CronJobs;

namespace Orchestrator.Tests.Kinds.CronJobs;

public sealed class CronScheduleSpec
{
    [Theory]
    [InlineData("* * * * *", "2026-03-01 10:00:30", "2026-03-01 10:01:00")]
    [InlineData("*/15 * * * *", "2026-03-01 10:01:00", "2026-03-01 10:15:00")]
    [InlineData("5/20 * * * *", "2026-03-01 10:06:00", "2026-03-01 10:25:00")]
    [InlineData("10-20/15 * * * *", "2026-03-01 10:10:00", "2026-03-01 11:10:00")]
    [InlineData("0 0 13 * FRI", "2026-03-01 00:00:00", "2026-03-06 00:00:00")]
    [InlineData("0 0 13 * FRI", "2026-03-07 00:00:00", "2026-03-13 00:00:00")]
    [InlineData("0 0 ? jan,MAR mon-wed", "2026-03-01 00:00:00", "2026-03-02 00:00:00")]
    [InlineData("0 0 29 2 *", "2026-03-01 00:00:00", "2028-02-29 00:00:00")]
    [InlineData("@hourly", "2026-03-01 10:00:00", "2026-03-01 11:00:00")]
    [InlineData("@weekly", "2026-03-01 10:00:00", "2026-03-08 00:00:00")]
    [InlineData("@every 1h30m", "2026-03-01 10:00:00", "2026-03-01 11:30:00")]
    [InlineData("@every 1ms", "2026-03-01 10:00:00", "2026-03-01 10:00:01")]
    [InlineData("0 0 31 2 *", "2026-03-01 00:00:00", null)]
    public void A_schedule_tells_the_next_time(string schedule, string after, string? next) =>
        Assert.Equal(next is null ? null : At(next), CronSchedule.Parse(schedule, TimeZoneInfo.Utc).Next(At(after)));

    [Theory]
    [InlineData("America/New_York", "0 12 * * *", "2026-01-01 00:00:00", "2026-01-01 17:00:00")]
    [InlineData("America/New_York", "0 12 * * *", "2026-07-01 00:00:00", "2026-07-01 16:00:00")]
    [InlineData("Asia/Kolkata", "0 0 * * *", "2026-01-01 00:00:00", "2026-01-01 18:30:00")]
    [InlineData("Etc/UTC", "0 12 * * *", "2026-01-01 00:00:00", "2026-01-01 12:00:00")]
    public void A_schedule_is_in_its_time_zone(string zone, string schedule, string after, string next) =>
        Assert.Equal(At(next), CronSchedule.Parse(schedule, TimeZones.Of(zone)).Next(At(after)));

    [Theory]
    [InlineData("", "empty spec string")]
    [InlineData("* * * *", "expected exactly 5 fields, found 4: [* * * *]")]
    [InlineData("* * * * * *", "expected exactly 5 fields, found 6: [* * * * * *]")]
    [InlineData("60 * * * *", "end of range (60) above maximum (59): 60")]
    [InlineData("* * 0 * *", "beginning of range (0) below minimum (1): 0")]
    [InlineData("* * * * 7", "end of range (7) above maximum (6): 7")]
    [InlineData("5-3 * * * *", "beginning of range (5) beyond end of range (3): 5-3")]
    [InlineData("*/0 * * * *", "step of range should be a positive number: */0")]
    [InlineData("a * * * *", "failed to parse int from a")]
    [InlineData("* * L * *", "failed to parse int from L")]
    [InlineData("* * * * 5#2", "failed to parse int from 5#2")]
    [InlineData("1-2-3 * * * *", "too many hyphens: 1-2-3")]
    [InlineData("1/2/3 * * * *", "too many slashes: 1/2/3")]
    [InlineData("1,, * * * *", "failed to parse int from ")]
    [InlineData("@sometimes", "unrecognized descriptor: @sometimes")]
    [InlineData("@every", "unrecognized descriptor: @every")]
    [InlineData("@every soon", "failed to parse duration @every soon")]
    public void An_invalid_schedule_is_refused_with_the_reason(string schedule, string why) =>
        Assert.StartsWith(why, Assert.Throws<FormatException>(() => CronSchedule.Parse(schedule, TimeZoneInfo.Utc)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "must be nil or non-empty string")]
    [InlineData("local", "must be an explicit time zone as defined in https://www.iana.org/time-zones")]
    [InlineData("Mars/Olympus", "unknown time zone Mars/Olympus")]
    [InlineData("../etc/passwd", "unknown time zone ../etc/passwd")]
    public void An_unknown_time_zone_is_refused(string zone, string why) => Assert.Equal(why, Assert.Throws<FormatException>(() => TimeZones.Of(zone)).Message);

    [Fact]
    public void The_last_time_before_now_is_found_however_long_ago_the_first_was()
    {
        var schedules = Gen.Int[0, 6].Select(i => new[] { "* * * * *", "*/7 3 * * *", "0 0 13 * 5", "30 4 1,15 * *", "0 0 29 2 *", "@every 37s", "0 12 * 6 *" }[i]);
        Gen.Select(schedules, Gen.Int[0, 3_000_000], Gen.Int[0, 3_000_000]).Sample((text, start, length) =>
        {
            var schedule = CronSchedule.Parse(text, TimeZones.Of("Europe/Berlin"));
            var after = At("2024-01-01 00:00:00").AddSeconds(start);
            var until = after.AddSeconds(length);
            DateTimeOffset? last = null;
            var count = 0;
            for (var next = schedule.Next(after); next <= until && count < 5_000; next = schedule.Next(next.Value))
            {
                (last, count) = (next, count + 1);
            }

            if (count < 5_000)
            {
                Assert.Equal(last, schedule.Last(after, until));
            }

            Assert.Equal(count > 100, schedule.HasMoreThan(100, after, until));
        }, iter: 300);
    }

    [Fact]
    public void A_decade_of_minutes_is_skipped() => Assert.Equal(At("2026-01-01 00:00:00"), CronSchedule.Parse("* * * * *", TimeZoneInfo.Utc).Last(At("2016-01-01 00:00:00"), At("2026-01-01 00:00:59")));

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
