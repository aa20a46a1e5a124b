using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Tests.Journal;

/// <summary>The journal inside an actor system, on a fresh SQLite file.</summary>
public sealed class RevisionJournalSpec : TestKit
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly Gathering _sink;
    private readonly string _path;

    public RevisionJournalSpec() : this(new Gathering(), Path.Combine(Directory.CreateTempSubdirectory("journal").FullName, "journal.db"))
    {
    }

    private RevisionJournalSpec(Gathering sink, string path)
        : base(BootstrapSetup.Create().WithConfig(JournalHocon.For(path)).And(new RevisionJournalSetup(sink)), "journal")
    {
        _sink = sink;
        _path = path;
    }

    [Fact]
    public async Task An_actor_recovers_what_it_stored_with_the_revisions_it_was_given()
    {
        var actor = Sys.ActorOf(Teller.Props("pods/default/a"));
        var first = await actor.Ask<long>(Event("pod.created.1"), Bound);
        var all = await actor.Ask<long[]>((IReadOnlyList<ObjectEvent>)[Event("pod.scheduled.1"), Event("pod.deleted.1")], Bound);
        Assert.Equal([first, first + 1, first + 2], all);
        Assert.Equal(all, _sink.Revisions);

        await actor.GracefulStop(Bound);
        var again = await Sys.ActorOf(Teller.Props("pods/default/a")).Ask<ObjectEvent[]>("events", Bound);
        Assert.Equal(all, again.Select(e => e.Revision));
        Assert.Equal(["pod.created.1", "pod.scheduled.1", "pod.deleted.1"], again.Select(e => e.Manifest));
        Assert.Equal("x", again[0].Delta!["metadata"]!["name"]!.GetValue<string>());

        using var table = new JournalTable(JournalHocon.ConnectionString(_path));
        Assert.True(table.Exists());
        Assert.Equal(all, table.ReadAfter(0, 10).Select(c => c.Event.Revision));
        Assert.Equal(3, table.HighestSequenceNr("pods/default/a"));
    }

    private static ObjectEvent Event(string manifest) => new(manifest, DateTimeOffset.UnixEpoch, "test", 0,
        new JsonObject { ["metadata"] = new JsonObject { ["name"] = "x" } });

    private sealed class Gathering : ICommitSink
    {
        private readonly List<long> _revisions = [];

        public long[] Revisions
        {
            get
            {
                lock (_revisions)
                {
                    return [.. _revisions];
                }
            }
        }

        public void Publish(IReadOnlyList<Committed> batch)
        {
            lock (_revisions)
            {
                _revisions.AddRange(batch.Select(c => c.Event.Revision));
            }
        }
    }
}
