using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Feed.Checkpoints;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Events;
using Orchestrator.Tests.Journal;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Feed;

/// <summary>Checkpoints of the cache: a start with one shows what a start without one shows, and one that cannot be used costs only time.</summary>
public sealed class CheckpointSpec : IDisposable
{
    private static readonly string[] AllKinds = ["configmaps", "events", "customresourcedefinitions.apiextensions.k8s.io", "widgets.x.io"];
    private readonly TempFolder _folder = new();
    private readonly List<string> _reports = [];

    private string Checkpoints => _folder.File("checkpoints");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_start_from_a_checkpoint_shows_what_a_start_from_the_whole_journal_shows(int seed)
    {
        using var table = Journal();
        await using var writer = new JournalWriter(table, null);
        await CustomHistoryAsync(writer);
        await ConfigMapHistory.WriteAsync(writer, new Random(seed), 120, 12);
        await CheckpointAsync(table);
        await EventsAsync(writer, "configmaps/default/late", 2);
        var (with, began) = await StartAsync(table, 1_000_000);
        var (without, _) = await StartAsync(table, 0);
        Assert.True(began > 0, "the checkpoint was not used");
        Assert.Equal(without, with);
        Assert.Empty(_reports);
    }

    [Fact]
    public async Task Recorded_events_are_counted_on_after_a_start_from_a_checkpoint()
    {
        using var table = Journal();
        await using var writer = new JournalWriter(table, null);
        await EventsAsync(writer, "configmaps/default/a", 3);
        await CheckpointAsync(table);
        await EventsAsync(writer, "configmaps/default/a", 2, from: 4);
        await using var cache = new ObjectCache();
        await using var loop = await CacheStartup.RunAsync(cache, table, Checkpoints, 1_000_000, _reports.Add, default);
        var counted = Assert.Single(cache.All(EventDefinition.Instance)).ToNode();
        Assert.Equal((5, "a", "ConfigMap", "v1"), ((int)counted["count"]!, (string?)counted["involvedObject"]!["name"], (string?)counted["involvedObject"]!["kind"], (string?)counted["involvedObject"]!["apiVersion"]));
    }

    [Fact]
    public async Task An_object_with_a_damaged_event_stays_as_it_was_before_it()
    {
        using var table = Journal();
        await using var writer = new JournalWriter(table, null);
        await AppendAsync(writer, "configmaps/default/a", 1, "created", """{"data":{"k":"1"}}""");
        await AppendAsync(writer, "configmaps/default/a", 2, "updated", """{"data":{"k":"2"}}""", version: 9);
        await CheckpointAsync(table);
        await AppendAsync(writer, "configmaps/default/a", 3, "updated", """{"data":{"k":"3"}}""");
        await using var cache = new ObjectCache();
        await using var loop = await CacheStartup.RunAsync(cache, table, Checkpoints, 1_000_000, _reports.Add, default);
        Assert.Equal("1", (string?)Assert.Single(cache.All(ConfigMapDefinition.Instance)).ToNode()["data"]!["k"]);
        Assert.Equal("configmaps/default/a", Assert.Single(cache.Unreadable).PersistenceId);
    }

    [Fact]
    public async Task A_torn_or_altered_checkpoint_is_reported_and_deleted_and_the_whole_journal_is_read()
    {
        using var table = Journal();
        await using var writer = new JournalWriter(table, null);
        await CustomHistoryAsync(writer);
        await ConfigMapHistory.WriteAsync(writer, new Random(5), 20, 4);
        await CheckpointAsync(table);
        var (expected, _) = await StartAsync(table, 0);
        var path = Assert.Single(Directory.GetFiles(Checkpoints));
        var whole = await File.ReadAllBytesAsync(path);
        var random = new Random(7);
        var damages = Enumerable.Range(0, 40).Select(_ => whole[..random.Next(whole.Length)])
            .Concat(Enumerable.Range(0, 120).Select(_ => Altered(whole, random)))
            .Append([.. whole, 0]).Append([]);
        foreach (var damaged in damages)
        {
            _reports.Clear();
            await File.WriteAllBytesAsync(path, damaged);
            var (shown, began) = await StartAsync(table, 1_000_000);
            Assert.Equal(0, began);
            Assert.Equal(expected, shown);
            Assert.Contains(path, Assert.Single(_reports), StringComparison.Ordinal);
            Assert.False(File.Exists(path));
        }
    }

    [Fact]
    public async Task A_checkpoint_of_another_journal_of_another_build_or_from_before_the_journals_begin_is_not_used()
    {
        using var table = Journal();
        await using (var writer = new JournalWriter(table, null))
        {
            await ConfigMapHistory.WriteAsync(writer, new Random(5), 20, 4);
        }

        await CheckpointAsync(table);
        using var other = Journal("other.db");
        await using (var writer = new JournalWriter(other, null))
        {
            await ConfigMapHistory.WriteAsync(writer, new Random(6), 20, 4);
        }

        Refused(other, CheckpointStore.ThisBuild, begin: null, "another history");
        await CheckpointAsync(table);
        Refused(table, "another build", begin: null, "another build");
        await CheckpointAsync(table);
        Refused(table, CheckpointStore.ThisBuild, begin: 21, "begins at 21");
    }

    [Fact]
    public async Task Of_two_checkpoints_the_newest_is_used_after_which_watches_can_resume()
    {
        using var table = Journal();
        await using var writer = new JournalWriter(table, null);
        for (var nr = 1; nr <= 30; nr++)
        {
            await AppendAsync(writer, "configmaps/default/a", nr, nr == 1 ? "created" : "updated", $$$"""{"data":{"k":"{{{nr}}}"}}""");
            if (nr % 10 == 0)
            {
                await CheckpointAsync(table);
            }
        }

        Assert.Equal(2, Directory.GetFiles(Checkpoints).Length);
        Assert.Equal(20, Loaded(table, window: 5));
        Assert.Equal(30, Loaded(table, window: 0));
        Assert.Equal(20, Loaded(table, window: 1000));
    }

    [Fact]
    public async Task A_checkpoint_is_made_after_so_many_events_and_what_a_crash_left_is_removed()
    {
        using var table = Journal();
        await using var cache = new ObjectCache();
        await using var writer = new JournalWriter(table, cache);
        Directory.CreateDirectory(Checkpoints);
        await File.WriteAllTextAsync(Path.Combine(Checkpoints, "1.checkpoint.tmp"), "torn");
        await using (var loop = await CacheStartup.RunAsync(cache, table, Checkpoints, 25, _reports.Add, default))
        {
            Assert.Empty(Directory.GetFiles(Checkpoints));
            await ConfigMapHistory.WriteAsync(writer, new Random(1), 60, 4);
            await Poll.UntilAsync(() => Task.FromResult(Directory.GetFiles(Checkpoints, "*.checkpoint").Length > 0), TimeSpan.FromSeconds(20), () => "no checkpoint was made");
        }

        Assert.Empty(_reports);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Directory.GetFiles(Checkpoints, "*.checkpoint")[0]));
    }

    private static byte[] Altered(byte[] whole, Random random)
    {
        var altered = (byte[])whole.Clone();
        altered[random.Next(altered.Length)] ^= (byte)(1 << random.Next(8));
        return altered;
    }

    private static async Task CustomHistoryAsync(JournalWriter writer)
    {
        const string crd = """
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.x.io","uid":"crd"},
             "spec":{"group":"x.io","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget","singular":"widget","listKind":"WidgetList"},
              "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]},
             "status":{"acceptedNames":{"plural":"widgets","kind":"Widget","singular":"widget","listKind":"WidgetList"},"storedVersions":["v1"],
              "conditions":[{"type":"Established","status":"True"},{"type":"NamesAccepted","status":"True"}]}}
            """;
        await AppendAsync(writer, "customresourcedefinitions.apiextensions.k8s.io//widgets.x.io", 1, "created", crd, "customresourcedefinition.apiextensions.k8s.io");
        await AppendAsync(writer, "widgets.x.io/default/w", 1, "created", """{"apiVersion":"x.io/v1","kind":"Widget","metadata":{"name":"w","namespace":"default","uid":"w"},"size":3}""", "widget.x.io");
        await AppendAsync(writer, "events/default/posted", 1, "created", """{"apiVersion":"v1","kind":"Event","metadata":{"name":"posted","namespace":"default","uid":"e"},"reason":"Mine"}""", "event");
    }

    private static async Task EventsAsync(JournalWriter writer, string id, int count, int from = 1)
    {
        for (var nr = from; nr < from + count; nr++)
        {
            var delta = nr == 1 ? ConfigMapHistory.Created(id, nr) : (JsonObject)JsonNode.Parse($$$"""{"data":{"k":"{{{nr}}}"}}""")!;
            var e = new ObjectEvent($"configmap.{(nr == 1 ? "created" : "updated")}.1", ConfigMapHistory.At(nr), "test", 0, delta)
            {
                RecordedEvents = [new RecordedEvent("Normal", "Changed", "It has \"changed\".", "spec")],
            };
            await writer.AppendAsync([JournalEntry.Of(new Committed(id, nr, e))]);
        }
    }

    private static Task AppendAsync(JournalWriter writer, string id, int nr, string verb, string delta, string kind = "configmap", int version = 1)
    {
        var node = (JsonObject)JsonNode.Parse(delta)!;
        if (verb == "created" && kind == "configmap")
        {
            node = ConfigMapHistory.Created(id, nr);
            node["data"] = JsonNode.Parse(delta)!["data"]!.DeepClone();
        }

        return writer.AppendAsync([JournalEntry.Of(new Committed(id, nr, new ObjectEvent($"{kind}.{verb}.{version}", ConfigMapHistory.At(nr), "test", 0, node)))]);
    }

    private JournalTable Journal(string name = "journal.db")
    {
        var table = new JournalTable(_folder.File(name));
        table.Create();
        return table;
    }

    // What a host does that has run until now.
    private async Task CheckpointAsync(JournalTable table)
    {
        await using var cache = new ObjectCache();
        using var replay = table.OpenReplay();
        cache.Restore(replay.Begin, replay.Objects(cache.Registry));
        await cache.StartAsync(replay.EventsAsync(default), default);
        new CheckpointStore(Checkpoints, CheckpointStore.ThisBuild).Save(table.DigestOf(cache.Revision)!, cache.Capture(), default);
    }

    private async Task<(string Shown, long Began)> StartAsync(JournalTable table, long every)
    {
        await using var cache = new ObjectCache();
        await using var loop = await CacheStartup.RunAsync(cache, table, Checkpoints, every, _reports.Add, default);
        var shown = new StringBuilder().AppendLine(cache.Revision.ToString());
        foreach (var kind in AllKinds.Select(cache.Registry.ByResource).OfType<Orchestrator.Actors.Resources.ResourceDefinition>())
        {
            foreach (var item in cache.Snapshot(kind).Objects)
            {
                shown.Append(kind.Resource).Append(' ').Append($"{item.Namespace}/{item.Name}").Append(' ').Append(string.Join(',', item.Labels.Select(l => $"{l.Key}={l.Value}")))
                    .Append(' ').AppendLine(Encoding.UTF8.GetString(item.Json.Span));
            }
        }

        // The lowest revision from which a watch can resume is where the cache began.
        var began = Enumerable.Range(0, (int)cache.Revision + 1).First(r => cache.Watch(ConfigMapDefinition.Instance, r) is { } watch && Stopped(watch));
        return (shown.ToString(), began);
    }

    private static bool Stopped(ChangeSubscription watch)
    {
        watch.Dispose();
        return true;
    }

    private long Loaded(JournalTable table, long window)
    {
        using var replay = table.OpenReplay();
        return new CheckpointStore(Checkpoints, CheckpointStore.ThisBuild, window).Load(replay.Begin, replay.Head, replay.DigestOf, new(), _reports.Add)!.Revision;
    }

    private void Refused(JournalTable table, string build, long? begin, string reason)
    {
        _reports.Clear();
        using var replay = table.OpenReplay();
        Assert.Null(new CheckpointStore(Checkpoints, build).Load(begin ?? replay.Begin, replay.Head, replay.DigestOf, new(), _reports.Add));
        Assert.Contains(reason, Assert.Single(_reports), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Checkpoints));
    }
}
