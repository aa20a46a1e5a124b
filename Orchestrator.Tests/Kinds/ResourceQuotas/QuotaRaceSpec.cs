using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ResourceQuotas;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Kinds.ResourceQuotas;

/// <summary>Creations, deletions, counts and crashes in any order: messages are late, doubled or lost, the cache lags behind.</summary>
public sealed class QuotaRaceSpec
{
    [Fact]
    public void Never_are_more_objects_stored_than_are_allowed_and_no_room_is_lost_for_ever() => Gen.Int[0, 9_999].List[20, 120].Sample(choices =>
    {
        var world = new World();
        foreach (var choice in choices)
        {
            world.Step(choice % 10, choice / 10);
            Assert.InRange(world.Stored, 0, World.Hard);
        }

        world.Rest();
        Assert.Equal((world.Stored, 0), (world.Used, world.Reservations));
    }, iter: 1500);

    private sealed class World : IClusterView
    {
        public const int Hard = 2;
        private const int Names = 4;
        private static readonly ResourceDefinition Quotas = ResourceQuotaDefinition.Instance;
        private readonly List<(long Revision, int Name, bool Exists)> _journal = [];
        private readonly long[] _revisions = new long[Names];
        private readonly bool[] _exists = new bool[Names];
        private readonly List<ObjectCommand> _messages = [];
        private readonly List<Attempt> _attempts = [];
        private readonly ResourceQuotaController _controller = new();
        private KubeObject _quota = KubeObject.From(Quotas, (JsonObject)JsonNode.Parse(
            """
            {"metadata":{"name":"q","namespace":"default","uid":"q","resourceVersion":"1"},"spec":{"hard":{"pods":"2"}},"status":{"hard":{"pods":"2"},"used":{"pods":"0"}}}
            """)!);
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private long _revision = 1;
        private int _cached;
        private int _ids;

        public int Stored => _exists.Count(e => e);

        public int Used => int.Parse((string)_quota.ToNode()["status"]!["used"]!["pods"]!, CultureInfo.InvariantCulture);

        public int Reservations => (_quota.ToNode()["metadata"]!["annotations"] as JsonObject ?? []).Count(a => a.Key.Contains("reserved", StringComparison.Ordinal));

        public ResourceRegistry Registry { get; } = new();

        public void Step(int what, int which)
        {
            switch (what)
            {
                case 0 or 1:
                    var attempt = new Attempt($"r{_ids++}", which % Names, _revisions[which % Names], _now);
                    _attempts.Add(attempt);
                    _messages.Add(new ReserveRoom(_quota.Key, attempt.Id, PodDefinition.Instance.Key("default", $"p{attempt.Name}"), attempt.Since,
                        new JsonObject { ["pods"] = "1" }, null, null, "", "me"));
                    break;
                case 2 or 3 when _messages.Count > 0:
                    var message = _messages[which % _messages.Count];
                    Deliver(message);
                    if (which % 7 > 0)
                    {
                        _messages.Remove(message);
                    }

                    break;
                case 4 or 5 when _attempts.Where(a => a.Answer is not null).ToList() is { Count: > 0 } answered:
                    Finish(answered[which % answered.Count]);
                    break;
                case 6 when _attempts.Count > 0 && which % 4 == 0: // Its host crashes.
                    _attempts.RemoveAt(which % _attempts.Count);
                    break;
                case 7 when _exists[which % Names]:
                    Change(which % Names, exists: false);
                    break;
                case 8:
                    _cached = Math.Min(_journal.Count, _cached + 1 + (which % 3));
                    _now += TimeSpan.FromSeconds(which % 5 == 0 ? which % 50 : 0);
                    break;
                case 9:
                    _messages.AddRange(Plan());
                    break;
                default:
                    break;
            }
        }

        /// <summary>Nothing new begins, and all that is under way ends or is too old.</summary>
        public void Rest()
        {
            _attempts.Clear();
            _messages.RemoveAll(m => m is ReserveRoom);
            _messages.ForEach(Deliver);
            (_now, _cached) = (_now + QuotaReservation.Patience, _journal.Count);
            while (Plan() is [var command])
            {
                Deliver(command);
            }
        }

        public IEnumerable<KubeObject> All(ResourceDefinition kind) =>
            _journal.Take(_cached).GroupBy(e => e.Name).Select(g => g.Last()).Where(e => e.Exists).Select(e => Pod(e.Name, e.Revision));

        public IEnumerable<KubeObject> All(ResourceDefinition kind, string ns) => All(kind);

        public IReadOnlyCollection<KubeObject> Indexed(IndexKey key) => [];

        public KubeObject? Find(ObjectKey key) => null;

        public KubeObject? ByUid(string uid) => null;

        private static KubeObject Pod(int name, long revision) => KubeObject.From(PodDefinition.Instance, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = $"p{name}", ["namespace"] = "default", ["uid"] = $"{revision}", ["resourceVersion"] = $"{revision}" },
            ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "i" }) },
        });

        private ImmutableArray<ObjectCommand> Plan() => _controller.Plan(_quota, this, new PlanContext(_now, 0, () => "", [])).Commands;

        private void Deliver(ObjectCommand command)
        {
            var decision = ObjectDecider.Decide(Quotas, _quota, command, new DecideContext(_now, ""));
            foreach (var e in decision.Events)
            {
                e.Revision = ++_revision;
                _quota = ObjectState.Apply(Quotas, _quota, e)!;
            }

            if (command is ReserveRoom ask && _attempts.Find(a => a.Id == ask.Id) is { } attempt)
            {
                attempt.Answer ??= decision.Error is null;
            }
        }

        // As the entity of the object does.
        private void Finish(Attempt attempt)
        {
            _attempts.Remove(attempt);
            var holds = new Demand(attempt.Since, attempt.At).Holds(_revisions[attempt.Name], _now);
            if (attempt.Answer == true && holds && !_exists[attempt.Name])
            {
                Change(attempt.Name, exists: true);
            }
            else
            {
                _messages.Add(new ReleaseRoom(_quota.Key, attempt.Id, "me"));
            }
        }

        private void Change(int name, bool exists)
        {
            (_exists[name], _revisions[name]) = (exists, ++_revision);
            _journal.Add((_revision, name, exists));
        }

        private sealed record Demand(long Since, DateTimeOffset At) : RoomDemand(Since, At);

        private sealed class Attempt(string id, int name, long since, DateTimeOffset at)
        {
            public string Id => id;

            public int Name => name;

            public long Since => since;

            public DateTimeOffset At => at;

            public bool? Answer { get; set; }
        }
    }
}
