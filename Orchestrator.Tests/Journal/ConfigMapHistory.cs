using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ConfigMaps;

namespace Orchestrator.Tests.Journal;

/// <summary>A history of config maps to compact, one minute between two events, and what caches and entities recover from it.</summary>
internal static class ConfigMapHistory
{
    public static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset At(int events) => Begin.AddMinutes(events);

    /// <summary>Random but legal: objects come, change, go and come again, until others take their turn; some events are snapshotted as entities do.</summary>
    public static async Task WriteAsync(JournalWriter writer, Random random, int events, int objects, int snapshotEvery = 5)
    {
        var known = new Dictionary<string, (long Nr, KubeObject? State)>();
        var alive = Math.Min(4, objects);
        for (var i = 0; i < events; i++)
        {
            var id = $"configmaps/default/m{(i * (objects - alive + 1) / events) + random.Next(alive)}";
            var (nr, state) = known.GetValueOrDefault(id);
            var (verb, delta) = state is null ? ("created", Created(id, i)) : random.Next(6) == 0 ? ("deleted", null) : ("updated", Changed(i));
            var e = new ObjectEvent($"configmap.{verb}.1", At(i), "test", 0, delta);
            await writer.AppendAsync([JournalEntry.Of(new Committed(id, ++nr, e))]);
            state = ObjectState.Apply(ConfigMapDefinition.Instance, state, e);
            known[id] = (nr, state);
            if (nr % snapshotEvery == 0)
            {
                await writer.RunAsync((c, t) => SnapshotRows.Save(c, t, new StoredSnapshot(id, nr, At(i).UtcDateTime, ObjectSnapshot.Of(state, e.Revision))));
            }
        }
    }

    /// <summary>What the cache of a host that starts now holds.</summary>
    public static async Task<(long Revision, Dictionary<string, string> Objects)> RebuildAsync(JournalTable table)
    {
        await using var cache = new ObjectCache();
        using var replay = table.OpenReplay();
        cache.Restore(replay.Begin, replay.Objects(cache.Registry));
        await cache.StartAsync(replay.EventsAsync(CancellationToken.None), CancellationToken.None);
        return (cache.Revision, cache.Snapshot(ConfigMapDefinition.Instance).Objects.ToDictionary(o => $"{o.Namespace}/{o.Name}", o => Encoding.UTF8.GetString(o.Json.Span)));
    }

    /// <summary>What an entity recovers: its newest snapshot and the events after that.</summary>
    public static (long Nr, string? State) Recover(JournalTable table, string id)
    {
        var stored = table.LoadSnapshot(id, Akka.Persistence.SnapshotSelectionCriteria.Latest);
        var state = stored?.Snapshot.ToObject(ConfigMapDefinition.Instance);
        var nr = stored?.SequenceNr ?? 0;
        foreach (var committed in table.ReadObject(id, nr + 1))
        {
            Assert.True(nr == 0 || committed.SequenceNr == nr + 1, $"{id}: {committed.SequenceNr} follows {nr}");
            nr = committed.SequenceNr;
            state = ObjectState.Apply(ConfigMapDefinition.Instance, state, committed.Event);
        }

        return (Math.Max(nr, table.HighestSequenceNr(id)), state is null ? null : Encoding.UTF8.GetString(state.Json.Span));
    }

    public static JsonObject Created(string id, int i) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = id.Split('/')[2], ["namespace"] = "default", ["uid"] = $"u{i}", ["labels"] = new JsonObject { ["step"] = $"{i}" } },
        ["data"] = new JsonObject { ["text"] = "a \"quoted\" ö <word>" },
    };

    private static JsonObject Changed(int i) => new() { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["step"] = $"{i}" } } };
}
