using System.Diagnostics;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Serialization;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Resources;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Benchmarks;

/// <summary>The journal alone, in this process: ours beside the stock plugin, on both databases, with the same actors and the same bytes.</summary>
internal sealed class JournalBenchmark : IBenchmark
{
    private const int Writers = 512;
    private const int Entities = 5_000;
    private const int Lone = 1_000;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    public string Name => "journal";

    public string What => $"events/s of {Writers} actors, latency of a lone write, recovery of {Entities:N0} actors: this journal and the stock plugin, on SQLite and PostgreSQL";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        var directory = Directory.CreateTempSubdirectory("orchestrator-bench-").FullName;
        using var postgres = new PostgresServer();
        try
        {
            List<Figure> figures = [];
            foreach (var (database, isOurs, journal) in ((string, bool, string)[])
                [
                    ("SQLite", true, Path.Combine(directory, "ours.db")), ("SQLite", false, Path.Combine(directory, "stock.db")),
                    ("PostgreSQL", true, postgres.NewDatabase()), ("PostgreSQL", false, postgres.NewDatabase()),
                ])
            {
                var what = $"{database}, {(isOurs ? "this journal" : "stock plugin")}";
                run.Tell(what);
                figures.AddRange(await MeasureAsync(what, Configuration(journal, isOurs), run.IsLong ? 200 : isOurs ? 60 : 20, cancellation));
                if (isOurs)
                {
                    run.Tell($"{what}: compacting");
                    figures.AddRange(await CompactAsync(what, database == "SQLite" ? Path.Combine(directory, "compaction.db") : postgres.NewDatabase(), cancellation));
                }
            }

            return figures;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(string what, Config config, int each, CancellationToken cancellation)
    {
        double rate;
        Load lone;
        var system = ActorSystem.Create("journal", config);
        try
        {
            var actors = Enumerable.Range(0, Writers).Select(n => system.ActorOf(Props.Create(() => new Writer($"configmaps/bench/w{n}")))).ToList();
            Task WriteAsync(int count) => Task.WhenAll(actors.Select(a => a.Ask<Written>(new Write(count), Bound, cancellation)));
            await WriteAsync(5);
            var clock = Stopwatch.StartNew();
            await WriteAsync(each);
            rate = Writers * each / clock.Elapsed.TotalSeconds;
            lone = await Load.RunAsync(1, Lone, Bound, (i, c) => actors[i % Writers].Ask<Written>(new Write(1), Bound, c), cancellation);
            var recovered = Enumerable.Range(0, Entities).Select(n => system.ActorOf(Props.Create(() => new Writer($"configmaps/bench/r{n}"))));
            await Task.WhenAll(recovered.Select(a => a.Ask<Written>(new Write(3), Bound, cancellation)));
        }
        finally
        {
            await system.Terminate();
        }

        var again = ActorSystem.Create("journal", config);
        try
        {
            await again.ActorOf(Props.Create(() => new Writer("configmaps/bench/w0"))).Ask<Written>(new Write(0), Bound, cancellation);
            var clock = Stopwatch.StartNew();
            var actors = Enumerable.Range(0, Entities).Select(n => again.ActorOf(Props.Create(() => new Writer($"configmaps/bench/r{n}"))));
            await Task.WhenAll(actors.Select(a => a.Ask<Written>(new Write(0), Bound, cancellation)));
            return
            [
                new($"{what}: events of 1 KB, {Writers} actors", rate, "/s"),
                new($"{what}: lone write, p50", lone.Percentile(0.5), "ms"),
                new($"{what}: lone write, p99", lone.Percentile(0.99), "ms"),
                new($"{what}: recoveries, 3 events each", Entities / clock.Elapsed.TotalSeconds, "/s"),
            ];
        }
        finally
        {
            await again.Terminate();
        }
    }

    // Old events are deleted while one client writes.
    private static async Task<IReadOnlyList<Figure>> CompactAsync(string what, string journal, CancellationToken cancellation)
    {
        const int objects = 2_000, changes = 10;
        using var table = new JournalTable(journal);
        await using var writer = new JournalWriter(table, null);
        for (var n = 1; n <= changes; n++)
        {
            await writer.AppendAsync([.. Enumerable.Range(0, objects).Select(i => Entry($"configmaps/bench/t{i}", n, DateTimeOffset.UnixEpoch))]);
        }

        var clock = Stopwatch.StartNew();
        var pass = new JournalCompactor(table, writer, new ResourceRegistry(), TimeSpan.FromDays(30), ObjectState.Apply, TimeProvider.System) { Grace = TimeSpan.Zero }.PassAsync(cancellation);
        List<double> latencies = [];
        for (var n = 1; !pass.IsCompleted; n++)
        {
            var begun = Stopwatch.GetTimestamp();
            await writer.AppendAsync([Entry("configmaps/bench/lone", n, TimeProvider.System.GetUtcNow())]);
            latencies.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        latencies.Sort();
        return
        [
            new($"{what}: events compacted, {objects * changes:N0} of {objects:N0} objects", await pass / clock.Elapsed.TotalSeconds, "/s"),
            new($"{what}: lone write meanwhile, p50", Load.At(latencies, 0.5), "ms"),
            new($"{what}: lone write meanwhile, p99", Load.At(latencies, 0.99), "ms"),
            new($"{what}: lone write meanwhile, longest", latencies[^1], "ms"),
        ];
    }

    private static JournalEntry Entry(string id, int n, DateTimeOffset at)
    {
        var delta = new JsonObject { ["data"] = new JsonObject { ["filling"] = new string('x', 850), ["n"] = $"{n}" } };
        if (n == 1)
        {
            delta["metadata"] = new JsonObject { ["name"] = id.Split('/')[2], ["namespace"] = "bench", ["uid"] = id };
        }

        return JournalEntry.Of(new Committed(id, n, new ObjectEvent($"configmap.{(n == 1 ? "created" : "updated")}.1", at, "bench", 0, delta)));
    }

    private static Config Configuration(string journal, bool isOurs)
    {
        var ours = ConfigurationFactory.ParseString(JournalHocon.For(journal)).WithFallback("akka.loglevel = WARNING\nakka.stdout-loglevel = WARNING");
        var stock = ConfigurationFactory.ParseString($$"""
            akka.persistence.journal.sql { class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql", auto-initialize = true }
            akka.persistence.snapshot-store.sql { class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql", auto-initialize = true }
            akka.actor {
              serializers.object-event = "{{typeof(EventSerializer).AssemblyQualifiedName}}"
              serialization-bindings { "{{typeof(ObjectEvent).AssemblyQualifiedName}}" = object-event }
            }
            """);
        return (isOurs ? ours : stock.WithFallback(ours)).WithFallback(Akka.Persistence.Sql.SqlPersistence.DefaultConfiguration);
    }

    private sealed record Write(int Count);

    private sealed record Written
    {
        public static readonly Written Instance = new();
    }

    private sealed class Writer : ReceivePersistentActor
    {
        private static readonly string Filling = new('x', 850);
        private IActorRef _asker = ActorRefs.Nobody;
        private int _left;

        public Writer(string id)
        {
            PersistenceId = id;
            Recover<ObjectEvent>(_ => { });
            Command<Write>(w =>
            {
                (_asker, _left) = (Sender, w.Count);
                Next();
            });
        }

        public override string PersistenceId { get; }

        private void Next()
        {
            if (_left-- <= 0)
            {
                _asker.Tell(Written.Instance);
                return;
            }

            Persist(
                new ObjectEvent("configmap.updated.1", DateTimeOffset.UnixEpoch, "bench", 0, new JsonObject { ["data"] = new JsonObject { ["filling"] = Filling, ["left"] = $"{_left}" } }),
                _ => Next());
        }
    }

    /// <summary>What the stock plugin needs to store the same bytes.</summary>
    private sealed class EventSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
    {
        public override int Identifier => 7199;

        public override byte[] ToBinary(object obj) => ObjectEventCodec.Encode((ObjectEvent)obj);

        public override object FromBinary(byte[] bytes, string manifest) => ObjectEventCodec.Decode(manifest, bytes, 0);

        public override string Manifest(object o) => ((ObjectEvent)o).Manifest;
    }
}
