namespace Orchestrator.Actors.Api.Tables;

/// <summary>Formats durations as kubectl formats ages: 45s, 3m5s, 14m, 2h7m, 3d2h, 30d. Also compiled into the CLI.</summary>
internal static class Age
{
    public static string Of(DateTimeOffset? since, DateTimeOffset now) => since is null ? "<unknown>" : Of(now - since.Value);

    public static string Of(TimeSpan age) => age switch
    {
        { TotalSeconds: < 0 } => "0s",
        { TotalSeconds: < 120 } => $"{(int)age.TotalSeconds}s",
        { TotalMinutes: < 10 } => Two((int)age.TotalMinutes, "m", age.Seconds, "s"),
        { TotalHours: < 3 } => $"{(int)age.TotalMinutes}m",
        { TotalHours: < 8 } => Two((int)age.TotalHours, "h", age.Minutes, "m"),
        { TotalHours: < 48 } => $"{(int)age.TotalHours}h",
        { TotalDays: < 8 } => Two((int)age.TotalDays, "d", age.Hours, "h"),
        _ => $"{(int)age.TotalDays}d",
    };

    private static string Two(int big, string bigUnit, int small, string smallUnit) =>
        small == 0 ? $"{big}{bigUnit}" : $"{big}{bigUnit}{small}{smallUnit}";
}
