using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Events;
using Orchestrator.Actors.Kinds.Secrets;

namespace Orchestrator.Tests.Feed;

public class ObjectCacheSpec
{
    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Fact]
    public async Task A_consistent_list_holds_all_that_was_published()
    {
        await using var cache = await StartedAsync();
        cache.Publish([Created("a", 1), Created("b", 2)]);
        cache.Publish([Changed("a", 3, """{"data":{"k":"v"}}""")]);
        var list = await cache.SnapshotAsync(ConfigMapDefinition.Instance, Soon);
        Assert.Equal(["a", "b"], list.Objects.Select(o => o.Name));
        Assert.Equal((3L, 3L), (list.Revision, list.Find("default", "a")!.Revision));
    }

    [Fact]
    public async Task The_objects_of_an_earlier_revision_are_those_that_there_were()
    {
        await using var cache = new ObjectCache(horizon: 150);
        await cache.StartAsync(NoPastAsync(), Soon);
        var random = new Random(11);
        var (known, then) = (new HashSet<string>(), new List<KindSnapshot>());
        for (var revision = 1; revision <= 400; revision++)
        {
            var name = $"m{random.Next(12)}";
            cache.Publish([known.Add(name) ? Created(name, revision) : random.Next(4) == 0 && known.Remove(name) ? Deleted(name, revision) : Changed(name, revision, $$$"""{"data":{"k":"{{{revision}}}"}}""")]);
            await cache.ReachedAsync(revision, Soon);
            then.Add(cache.Snapshot(ConfigMapDefinition.Instance));
        }

        foreach (var snapshot in then.TakeLast(150))
        {
            var again = cache.SnapshotAt(ConfigMapDefinition.Instance, snapshot.Revision)!;
            Assert.Equal(snapshot.Revision, again.Revision);
            Assert.Equal(snapshot.Objects.Select(o => (o.Name, o.Revision)), again.Objects.Select(o => (o.Name, o.Revision)));
        }

        Assert.Null(cache.SnapshotAt(ConfigMapDefinition.Instance, 200));
        Assert.Null(cache.SnapshotAt(ConfigMapDefinition.Instance, 401));
    }

    [Fact]
    public async Task With_other_hosts_a_consistent_list_waits_for_the_journals_current_revision()
    {
        await using var cache = await StartedAsync();
        var asked = 0;
        cache.ReadCurrentRevisionFrom(() => Task.FromResult(++asked == 1 ? 0L : 2L));
        cache.Publish([Created("a", 1)]);
        await cache.SnapshotAsync(ConfigMapDefinition.Instance, Soon);
        var list = cache.SnapshotAsync(ConfigMapDefinition.Instance, Soon);
        await cache.ReachedAsync(1, Soon);
        Assert.False(list.IsCompleted);
        cache.Publish([Created("b", 2)]);
        Assert.Equal(2, (await list).Objects.Count);
    }

    [Fact]
    public async Task One_read_of_the_current_revision_serves_all_callers_that_wait_for_it()
    {
        var answers = new List<TaskCompletionSource<long>>();
        var reader = new CurrentRevisionReader(() =>
        {
            answers.Add(new TaskCompletionSource<long>());
            return answers[^1].Task;
        });
        var first = reader.ReadAsync();
        var later = Enumerable.Range(0, 10).Select(_ => reader.ReadAsync()).ToList();
        Assert.Single(answers);
        answers[0].SetResult(1);
        Assert.Equal(1, await first);
        Assert.All(later, l => Assert.False(l.IsCompleted));
        while (answers.Count < 2)
        {
            await Task.Yield();
        }

        answers[1].SetResult(2);
        Assert.All(await Task.WhenAll(later), l => Assert.Equal(2, l));
        Assert.Equal(2, answers.Count);
    }

    [Fact]
    public async Task A_read_of_the_current_revision_is_never_older_than_its_caller()
    {
        // A read may end at any moment, also while the next one is being ordered: a thread ends them as fast as it can.
        var (current, late, isOver) = (0L, 0, false);
        var begun = new ConcurrentQueue<(TaskCompletionSource<long> Answer, long Revision)>();
        var reader = new CurrentRevisionReader(() =>
        {
            var answer = new TaskCompletionSource<long>();
            begun.Enqueue((answer, Volatile.Read(ref current)));
            return answer.Task;
        });
        var ending = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                if (begun.TryDequeue(out var read))
                {
                    read.Answer.SetResult(read.Revision);
                }
            }
        })
        { IsBackground = true };
        ending.Start();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 1_000_000; i++)
            {
                var before = Interlocked.Increment(ref current);
                if (await reader.ReadAsync() < before)
                {
                    Interlocked.Increment(ref late);
                }
            }
        })));
        Volatile.Write(ref isOver, true);
        ending.Join();
        Assert.Equal(0, late);
    }

    [Fact]
    public async Task A_watch_resumes_without_gap_and_follows()
    {
        await using var cache = await StartedAsync();
        cache.Publish([Created("a", 1), Created("b", 2)]);
        await cache.ReachedAsync(2, Soon);
        using var watch = cache.Watch(ConfigMapDefinition.Instance, 1)!;
        cache.Publish([Deleted("a", 3)]);
        var seen = new List<(string, string, long)>();
        while (seen.Count < 2)
        {
            seen.AddRange((await watch.Changes.ReadAsync(Soon)).Select(c => (c.Type, c.Object.Name, c.Revision)));
        }

        Assert.Equal([("ADDED", "b", 2L), ("DELETED", "a", 3L)], seen);
    }

    [Fact]
    public async Task Watches_that_begin_while_others_are_told_get_each_change_once_and_all_up_to_what_was_told()
    {
        const int Last = 3_000;
        await using var cache = await StartedAsync(horizon: 2 * Last);
        var published = Task.Run(() =>
        {
            for (var revision = 1; revision <= Last; revision++)
            {
                cache.Publish([Created($"m{revision}", revision)]);
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(n => Task.Run(async () =>
        {
            for (var start = 0L; start < Last; start = Math.Max(start + 1, cache.Revision))
            {
                using var watch = cache.Watch(ConfigMapDefinition.Instance, start)!;
                var seen = start;
                while (seen < Math.Min(start + 200, Last))
                {
                    await watch.Changes.WaitToReadAsync(Soon);
                    var told = cache.Told;
                    while (watch.Changes.TryRead(out var batch))
                    {
                        Assert.All(batch, change => Assert.Equal(++seen, change.Revision));
                    }

                    Assert.InRange(told, 0, Math.Max(seen, start));
                }
            }
        })));
        await published;
    }

    [Fact]
    public async Task A_watch_from_past_the_horizon_is_refused()
    {
        await using var cache = await StartedAsync(horizon: 2);
        cache.Publish([.. Enumerable.Range(1, 5).Select(i => Created($"m{i}", i))]);
        await cache.ReachedAsync(5, Soon);
        Assert.Null(cache.Watch(ConfigMapDefinition.Instance, 1));
        Assert.NotNull(cache.Watch(ConfigMapDefinition.Instance, 3));
    }

    [Fact]
    public async Task Changes_of_one_kind_do_not_end_the_watches_of_another()
    {
        await using var cache = await StartedAsync(horizon: 10);
        cache.Publish([Created("a", 1)]);
        cache.Publish([.. Enumerable.Range(2, 1_000).Select(i => new Committed($"secrets/default/s{i}", 1,
            Event("secret.created.1", i, $$"""{"metadata":{"name":"s{{i}}","namespace":"default","uid":"u-s{{i}}"} }""")))]);
        cache.Publish([Changed("a", 2_000, """{"data":{"k":"v"}}""")]);
        await cache.ReachedAsync(2_000, Soon);
        Assert.Null(cache.Watch(SecretDefinition.Instance, 1));
        using var watch = cache.Watch(ConfigMapDefinition.Instance, 1)!;
        Assert.Equal(2_000, Assert.Single(await watch.Changes.ReadAsync(Soon)).Revision);
    }

    [Fact]
    public async Task Objects_taken_over_are_listed_and_changed_and_watches_begin_after_them()
    {
        await using var cache = new ObjectCache(100);
        var kept = KubeObject.From(ConfigMapDefinition.Instance, (JsonObject)JsonNode.Parse("""
            {"metadata":{"name":"a","namespace":"default","uid":"u-a","resourceVersion":"7","ownerReferences":[{"kind":"ReplicaSet","name":"rs","uid":"u9"}]} }
            """)!);
        cache.Restore(10, [kept]);
        await cache.StartAsync(NoPastAsync(), Soon);
        Assert.Equal((10, "a"), ((int)cache.Snapshot(ConfigMapDefinition.Instance).Revision, cache.Snapshot(ConfigMapDefinition.Instance).Objects.Single().Name));
        Assert.Single(cache.Indexed(IndexKey.Owner("u9")));
        Assert.Null(cache.Watch(ConfigMapDefinition.Instance, 9));
        using var watch = cache.Watch(ConfigMapDefinition.Instance, 10)!;
        cache.Publish([Changed("a", 11, """{"data":{"k":"v"}}""")]);
        var change = Assert.Single(await watch.Changes.ReadAsync(Soon));
        Assert.Equal(("MODIFIED", "u-a", 7L), (change.Type, change.Object.Uid, change.Previous!.Revision));
    }

    [Fact]
    public async Task Notes_become_events_and_equal_ones_are_counted()
    {
        await using var cache = await StartedAsync();
        ImmutableArray<RecordedEvent> recordedEvents = [new RecordedEvent("Warning", "BackOff", "again", "agent")];
        cache.Publish([Created("a", 1)]);
        cache.Publish([new Committed("configmaps/default/a", 2, Event("configmap.noted.1", 2, null) with { RecordedEvents = recordedEvents, Revision = 2 })]);
        cache.Publish([new Committed("configmaps/default/a", 3, Event("configmap.noted.1", 3, null) with { RecordedEvents = [recordedEvents[0] with { Count = 5 }], Revision = 3 })]);
        var events = await cache.SnapshotAsync(EventDefinition.Instance, Soon);
        var only = Assert.Single(events.Objects).ToNode();
        Assert.Equal((6, "BackOff"), (only["count"]!.GetValue<int>(), only["reason"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_reader_that_leaves_too_much_unread_is_told_so_after_what_it_was_kept()
    {
        await using var cache = await StartedAsync();
        using var watch = cache.Watch(ConfigMapDefinition.Instance, 0)!;
        for (var i = 1; i <= 5_000; i++)
        {
            cache.Publish([Created($"c{i}", i)]);
            await cache.ReachedAsync(i, Soon);
        }

        var read = 0;
        await Assert.ThrowsAsync<SlowWatcherException>(async () =>
        {
            while (await watch.Changes.WaitToReadAsync(Soon))
            {
                Assert.True(watch.Changes.TryRead(out var batch));
                Assert.Equal(++read, Assert.Single(batch).Revision);
            }
        });
        Assert.InRange(read, 1, 4_999);
    }

    [Fact]
    public async Task Events_that_clients_post_stand_beside_those_of_the_journal()
    {
        await using var cache = await StartedAsync();
        using var watch = cache.Watch(EventDefinition.Instance, 0)!;
        const string posted = """{"metadata":{"name":"seen","namespace":"default","uid":"u-seen"},"reason":"Seen","count":1}""";
        cache.Publish([Created("a", 1), new Committed("events/default/seen", 1, Event("event.created.1", 2, posted))]);
        cache.Publish([new Committed("configmaps/default/a", 2, Event("configmap.noted.1", 3, null) with { RecordedEvents = [new RecordedEvent("Normal", "Noted", "", "agent")] })]);
        cache.Publish([new Committed("events/default/seen", 2, Event("event.updated.1", 4, """{"count":2}"""))]);
        var events = await cache.SnapshotAsync(EventDefinition.Instance, Soon);
        Assert.Equal(["Noted", "Seen"], events.Objects.Select(e => (string)e.ToNode()["reason"]!).Order());
        Assert.Equal("seen", Assert.Single(cache.Indexed(IndexKey.Namespace("default")), o => o.Kind == EventDefinition.Instance).Name);

        cache.Publish([new Committed("events/default/seen", 3, Event("event.deleted.1", 5, null))]);
        Assert.Equal("Noted", Assert.Single((await cache.SnapshotAsync(EventDefinition.Instance, Soon)).Objects).ToNode()["reason"]!.GetValue<string>());
        var told = new List<string>();
        while (told.Count < 4)
        {
            told.AddRange((await watch.Changes.ReadAsync(Soon)).Select(c => $"{c.Type} {c.Object.ToNode()["reason"]}"));
        }

        Assert.Equal(["ADDED Seen", "ADDED Noted", "MODIFIED Seen", "DELETED Seen"], told);
    }

    [Fact]
    public async Task Dependents_are_found_by_the_uid_of_their_owner()
    {
        await using var cache = await StartedAsync();
        cache.Publish([Created("child", 1, """[{"kind":"ReplicaSet","name":"rs","uid":"u9","controller":true}]""")]);
        await cache.ReachedAsync(1, Soon);
        Assert.Equal("child", Assert.Single(cache.Indexed(IndexKey.Owner("u9"))).Name);
        cache.Publish([Deleted("child", 2)]);
        await cache.ReachedAsync(2, Soon);
        Assert.Empty(cache.Indexed(IndexKey.Owner("u9")));
    }

    [Fact]
    public async Task An_event_that_cannot_be_applied_costs_its_own_object_only()
    {
        await using var cache = await StartedAsync();
        cache.Publish([Created("a", 1), new Committed("configmaps/default/a", 2, Event("configmap.reshaped.9", 2, "{}")), Created("b", 3)]);
        cache.Publish([Changed("a", 4, """{"data":{"k":"v"}}"""), Changed("b", 5, """{"data":{"k":"v"}}""")]);
        var list = await cache.SnapshotAsync(ConfigMapDefinition.Instance, Soon);
        Assert.Equal((1L, 5L, 5L), (list.Find("default", "a")!.Revision, list.Find("default", "b")!.Revision, list.Revision));
        Assert.Equal(("configmaps/default/a", 2L), Assert.Single(cache.Unreadable) is var u ? (u.PersistenceId, u.Revision) : default);
        var told = Assert.Single(cache.Snapshot(EventDefinition.Instance).Objects).ToNode();
        Assert.Equal(("HistoryUnreadable", "a"), ((string?)told["reason"], (string?)told["involvedObject"]!["name"]));
        Assert.Null(cache.Fault);
    }

    [Fact]
    public async Task A_fault_of_the_fold_ends_waits_and_watches_and_is_known()
    {
        var cache = await StartedAsync();
        cache.Listen(_ => throw new NotSupportedException("a bug"));
        using var watch = cache.Watch(ConfigMapDefinition.Instance, 0)!;
        var wait = cache.ReachedAsync(9, Soon);
        cache.Publish([Created("a", 1)]);
        await Assert.ThrowsAsync<NotSupportedException>(() => wait);
        await Assert.ThrowsAsync<NotSupportedException>(() => cache.ReachedAsync(10, Soon));
        await Assert.ThrowsAsync<NotSupportedException>(() => watch.Changes.Completion.WaitAsync(Soon));
        Assert.IsType<NotSupportedException>(cache.Fault);
        await cache.DisposeAsync();
    }

    [Fact]
    public async Task Who_stops_listening_hears_nothing_more()
    {
        await using var cache = await StartedAsync();
        var (heard, still) = (0, 0);
        var listening = cache.Listen(_ => heard++);
        using var other = cache.Listen(_ => still++);
        cache.Publish([Created("a", 1)]);
        await cache.ReachedAsync(1, Soon);
        listening.Dispose();
        cache.Publish([Created("b", 2)]);
        await cache.ReachedAsync(2, Soon);
        Assert.Equal((1, 2), (heard, still));
    }

    [Fact]
    public async Task An_incarnation_is_found_by_its_uid_as_long_as_it_lives()
    {
        await using var cache = await StartedAsync();
        cache.Publish([Created("a", 1), Changed("a", 2, """{"data":{"k":"v"}}""")]);
        await cache.ReachedAsync(2, Soon);
        Assert.Equal(2, cache.ByUid("u-a")!.Revision);
        cache.Publish([Deleted("a", 3)]);
        await cache.ReachedAsync(3, Soon);
        Assert.Null(cache.ByUid("u-a"));
    }

    private static async Task<ObjectCache> StartedAsync(int horizon = 100)
    {
        var cache = new ObjectCache(horizon);
        await cache.StartAsync(NoPastAsync(), Soon);
        return cache;
    }

    private static async IAsyncEnumerable<Committed> NoPastAsync()
    {
        await Task.CompletedTask;
        yield break;
    }

    private static Committed Created(string name, long revision, string owners = "[]") => new($"configmaps/default/{name}", 1,
        Event("configmap.created.1", revision, $$"""{"metadata":{"name":"{{name}}","namespace":"default","uid":"u-{{name}}","ownerReferences":{{owners}} } }"""));

    private static Committed Changed(string name, long revision, string delta) =>
        new($"configmaps/default/{name}", 2, Event("configmap.updated.1", revision, delta));

    private static Committed Deleted(string name, long revision) =>
        new($"configmaps/default/{name}", 2, Event("configmap.deleted.1", revision, null));

    private static ObjectEvent Event(string manifest, long revision, string? delta) =>
        new(manifest, DateTimeOffset.UnixEpoch, "test", 0, delta is null ? null : (JsonObject)JsonNode.Parse(delta)!) { Revision = revision };
}
