using System.Text;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.Agent.KeptLogs;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.KeptLogs;

/// <summary>Logs of pods that were removed: as much as is allowed, as long as is allowed, and what was written, whatever that is.</summary>
public sealed class KeptLogStoreSpec : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_written_is_read_as_it_was_asked_for()
    {
        var store = Store();
        await SaveAsync(store, "u1", "a", 0, "2026-01-02T03:00:00.100000001Z one\n", "2026-01-02T03:00:01.5Z two\n", "2026-01-02T03:00:02Z three\n");
        Assert.Equal("one\ntwo\nthree\n", Read(store, Open("u1")));
        Assert.Equal("three\n", Read(store, Open("u1") with { TailLines = 1 }));
        Assert.Equal("", Read(store, Open("u1") with { TailLines = 0 }));
        Assert.Equal("two\nthree\n", Read(store, Open("u1") with { Since = new DateTimeOffset(2026, 1, 2, 3, 0, 1, 500, TimeSpan.Zero) }));
        Assert.Equal("one\ntw", Read(store, Open("u1") with { LimitBytes = 6 }));
        Assert.Equal("2026-01-02T03:00:00.100000001Z one\n", Read(store, Open("u1") with { HasTimestamps = true, LimitBytes = 35 }));
    }

    // A long line comes in several messages, each with a time; a line may look like a time, and what is written need not be text.
    [Fact]
    public async Task What_is_hostile_is_kept_as_it_is()
    {
        var store = Store();
        await SaveAsync(store, "u1", "a", 0, "2026-01-02T03:00:00Z 2026-01-02T03:00:00Z be", "2026-01-02T03:00:01Z gin", "2026-01-02T03:00:01Z \n", "2026-01-02T03:00:02Z \0\r\u001b[2J\n", "no time\n", "2026-01-02T03:00:03Z end");
        Assert.Equal("2026-01-02T03:00:00Z begin\n\0\r\u001b[2J\nno time\nend", Read(store, Open("u1")));
        Assert.Equal("end", Read(store, Open("u1") with { TailLines = 1 }));
    }

    [Theory]
    [InlineData("..", "web", "u1", "a")]
    [InlineData("default", "../web", "u1", "a")]
    [InlineData("default", "web", "u/1", "a")]
    [InlineData("default", "web", "u1", "../../a")]
    public async Task A_name_that_leads_elsewhere_is_not_written(string ns, string pod, string uid, string container)
    {
        var store = Store();
        await store.SaveAsync(ns, pod, uid, container, 0, Messages("2026-01-02T03:00:00Z one\n"), CancellationToken.None);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
        Assert.Throws<KeyNotFoundException>(() => Read(store, new OpenKeptLog(ns, pod, uid, container, 0, null, null, false, null)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(1000)]
    public async Task Of_a_long_log_the_end_is_kept_from_the_start_of_a_line(int lines)
    {
        const int kept = 10;
        var line = (int n) => $"2026-01-02T03:00:00Z line {n:D4}\n";
        var store = Store(most: kept * line(0).Length);
        await SaveAsync(store, "u1", "a", 0, [.. Enumerable.Range(0, lines).Select(line)]);
        Assert.Equal(string.Concat(Enumerable.Range(0, lines).TakeLast(kept).Select(n => $"line {n:D4}\n")), Read(store, Open("u1")));
        Assert.Single(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task What_is_old_goes_and_of_too_much_the_oldest()
    {
        var store = Store(size: 3 * 4096);
        foreach (var uid in (string[])["u1", "u2", "u3", "u4"])
        {
            await SaveAsync(store, uid, "a", 0, "2026-01-02T03:00:00Z one\n");
            _clock.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.Equal(["u4", "u3", "u2"], store.Find("default", "web").Select(l => l.PodUid));
        _clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(["u4", "u3"], store.Find("default", "web").Select(l => l.PodUid));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Empty(store.Find("default", "web"));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task The_next_process_finds_what_is_kept_and_clears_what_was_not_finished()
    {
        var store = Store();
        await SaveAsync(store, "u1", "a", 0, "2026-01-02T03:00:00Z one\n");
        await SaveAsync(store, "u1", "a", 1, "2026-01-02T03:00:00Z two\n");
        await SaveAsync(store, "u1", "a", 1, "2026-01-02T03:00:00Z two\n");
        await File.WriteAllTextAsync(_folder.File("x.1.part"), "half");
        await Assert.ThrowsAsync<IOException>(() => store.SaveAsync("default", "web", "u2", "a", 0, Broken(), CancellationToken.None));
        var next = Store();
        Assert.Equal(store.Find("default", "web").AsEnumerable(), next.Find("default", "web"));
        Assert.Equal([1, 0], next.Find("default", "web").Select(l => l.Attempt));
        Assert.Equal(2, Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Length);
        Assert.Equal("two\n", Read(next, Open("u1") with { Attempt = 1 }));
    }

    [Fact]
    public async Task Nothing_is_kept_if_it_is_off_and_nothing_of_a_container_that_said_nothing()
    {
        var off = new KeptLogStore(_folder.Path, new KeptLogSettings(TimeSpan.Zero, 1 << 20, 1 << 20), _clock);
        await SaveAsync(off, "u1", "a", 0, "2026-01-02T03:00:00Z one\n");
        await SaveAsync(Store(), "u1", "a", 0);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    private KeptLogStore Store(long size = 1 << 20, long most = 1 << 20) => new(_folder.Path, new KeptLogSettings(TimeSpan.FromHours(1), size, most), _clock);

    private static OpenKeptLog Open(string uid) => new("default", "web", uid, "a", 0, null, null, false, null);

    private static Task SaveAsync(KeptLogStore store, string uid, string container, int attempt, params string[] messages) =>
        store.SaveAsync("default", "web", uid, container, attempt, Messages(messages), CancellationToken.None);

    private static string Read(KeptLogStore store, OpenKeptLog open) => string.Concat(store.Read(open).Select(p => Encoding.UTF8.GetString(p.Span)));

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Messages(params string[] messages)
    {
        foreach (var message in messages)
        {
            await Task.Yield();
            yield return Encoding.UTF8.GetBytes(message);
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Broken()
    {
        await Task.Yield();
        yield return Encoding.UTF8.GetBytes("2026-01-02T03:00:00Z one\n");
        throw new IOException("the disk is full");
    }
}
