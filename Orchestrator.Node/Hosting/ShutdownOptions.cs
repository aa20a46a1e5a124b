using System.Collections.Immutable;
using System.Globalization;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Orchestrator.Node.Agent.Shutdown;

namespace Orchestrator.Node.Hosting;

/// <summary>Reads the settings of <c>shutdown</c>.</summary>
internal static class ShutdownOptions
{
    private const string Section = "orchestrator.shutdown";
    private const string ByPriority = "grace-period-by-pod-priority";

    /// <summary>Reads the settings.</summary>
    /// <exception cref="FormatException">One is not valid; the message names it.</exception>
    public static ShutdownSettings Read(Config config)
    {
        TimeSpan Time(string name) => NodeOptions.AtLeast(TimeSpan.Zero, $"shutdown.{name}", config.GetString($"{Section}.{name}"));
        var (all, critical) = (Time("grace-period"), Time("grace-period-critical-pods"));
        if (critical > all)
        {
            throw new FormatException($"shutdown.grace-period-critical-pods: {critical.TotalSeconds:0}s is a part of shutdown.grace-period, and must not be more than its {all.TotalSeconds:0}s");
        }

        var groups = Groups(config.GetValue($"{Section}.{ByPriority}")?.GetArray() ?? []);
        if (!groups.IsEmpty && all > TimeSpan.Zero)
        {
            throw new FormatException($"shutdown.{ByPriority}: it stands instead of shutdown.grace-period; set one of them");
        }

        return new ShutdownSettings(groups.IsEmpty ? ShutdownSettings.Simple(all, critical) : groups, config.GetBoolean($"{Section}.on-stop"));
    }

    private static ImmutableArray<ShutdownGroup> Groups(IEnumerable<HoconValue> values)
    {
        var groups = values.Select(Group).OrderBy(g => g.Priority).ToImmutableArray();
        return groups.DistinctBy(g => g.Priority).Count() == groups.Length ? groups : throw new FormatException($"shutdown.{ByPriority}: a priority is there twice");
    }

    private static ShutdownGroup Group(HoconValue value)
    {
        var group = value.IsObject() ? value.GetObject() : null;
        return int.TryParse(group?.GetKey("priority")?.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority) && group!.GetKey("period")?.GetString() is { } period
            ? new ShutdownGroup(priority, NodeOptions.AtLeast(TimeSpan.Zero, $"shutdown.{ByPriority}", period))
            : throw new FormatException($"shutdown.{ByPriority}: each group is an object such as {{ priority = 1000, period = 30s }}");
    }
}
