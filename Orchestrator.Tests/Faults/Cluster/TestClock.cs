using System.Globalization;

namespace Orchestrator.Tests.Faults.Cluster;

/// <summary>The time of day of one host. The library of Debian's package <c>faketime</c> stands between the host and the machine's clock. Spans are measured by
/// another clock, which it leaves alone, as it is when an operator or NTP sets the time.</summary>
/// <param name="file">Holds the difference to the machine's clock.</param>
internal sealed class TestClock(string file)
{
    private const string Folder = "/usr/lib";

    /// <summary>The library; null if it is not installed.</summary>
    public static string? Library { get; } = Directory.EnumerateDirectories(Folder)
        .Select(d => Path.Combine(d, "faketime", "libfaketimeMT.so.1")).FirstOrDefault(File.Exists);

    /// <summary>What the host needs in its environment.</summary>
    public IEnumerable<(string Name, string Value)> Variables =>
    [
        ("LD_PRELOAD", Library!), ("FAKETIME_TIMESTAMP_FILE", file), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"), ("FAKETIME_CACHE_DURATION", "1"),
        ("FAKETIME_FORCE_MONOTONIC_FIX", "0"), // Its repair of an old C library takes waits of sockets for waits until a time of day.
    ];

    /// <summary>Sets it, within a second.</summary>
    /// <param name="ahead">How far it is ahead of the machine's clock.</param>
    public void Set(TimeSpan ahead)
    {
        // In one step: the host may read at any moment.
        File.WriteAllText(file + ".new", ahead.TotalSeconds.ToString("+0;-0;+0", CultureInfo.InvariantCulture) + "\n");
        File.Move(file + ".new", file, overwrite: true);
    }
}
