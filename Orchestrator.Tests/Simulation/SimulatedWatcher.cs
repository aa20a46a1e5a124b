using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Simulation;

/// <summary>A client that lists and watches a kind, on one control host after another, as an informer does.</summary>
internal sealed class SimulatedWatcher
{
    private readonly World _world;
    private readonly ResourceDefinition _kind;
    private readonly Dictionary<string, KubeObject> _objects = [];
    private ControlHost? _host;
    private ObjectCache? _cache;
    private ChangeSubscription? _watch;
    private long _last = -1;
    private int _next;

    public SimulatedWatcher(World world, ResourceDefinition kind)
    {
        (_world, _kind) = (world, kind);
        Look();
    }

    /// <summary>Why what it has seen is not what the journal says; null if it is.</summary>
    public string? Difference()
    {
        Read();
        var wanted = _world.Journal.Of(_kind).Select(o => $"{o.Key} {o.Uid} {o.Revision}").ToList();
        var seen = _objects.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Value.Key} {o.Value.Uid} {o.Value.Revision}").ToList();
        return wanted.SequenceEqual(seen) ? null : $"a watch of {_kind.Plural} has seen {string.Join(", ", seen)}; there are {string.Join(", ", wanted)}";
    }

    private void Look()
    {
        var isLost = _host is not { IsUp: true } || _host.Cache != _cache || (_world.Faults != Faults.None && _world.Random.Next(20) == 0);
        if (isLost)
        {
            _watch?.Dispose();
            _watch = null;
            Connect();
        }

        Read();
        _world.Time.After(TimeSpan.FromSeconds(0.5 + (_world.Random.NextDouble() * 4)), Look);
    }

    private void Connect()
    {
        var up = _world.Hosts.Where(h => h.IsUp).ToList();
        _host = up.Count == 0 ? null : up[_world.Random.Next(up.Count)];
        _cache = _host?.Cache;
        if (_cache is null || _cache.Revision < _last)
        {
            _host = null; // 504: this host has not seen what the client has.
            return;
        }

        _watch = _last < 0 ? null : _cache.Watch(_kind, _world.Parts.ResumeFrom(_last));
        if (_watch is null)
        {
            // The first list, or 410.
            var list = _cache.Snapshot(_kind);
            _objects.Clear();
            foreach (var item in list.Objects)
            {
                _objects[$"{item.Namespace}/{item.Name}"] = item;
            }

            _last = list.Revision;
            _next = _world.Journal.RevisionsOf(_kind.Resource).TakeWhile(r => r <= _last).Count();
            _watch = _cache.Watch(_kind, _last) ?? throw new SimulationViolation($"the list of {_kind.Plural} at {_last} cannot be watched");
        }
    }

    private void Read()
    {
        while (_watch?.Changes.TryRead(out var batch) == true)
        {
            foreach (var change in batch)
            {
                Take(change);
            }
        }
    }

    private void Take(ObjectChange change)
    {
        var revisions = _world.Journal.RevisionsOf(_kind.Resource);
        if (_next >= revisions.Count || revisions[_next] != change.Revision)
        {
            throw new SimulationViolation($"a watch of {_kind.Plural} got revision {change.Revision} where {(_next < revisions.Count ? revisions[_next] : "nothing")} comes next");
        }

        var name = $"{change.Object.Namespace}/{change.Object.Name}";
        var expected = change.Type == "ADDED" ? null : _objects.GetValueOrDefault(name);
        if (_objects.ContainsKey(name) != (change.Type != "ADDED") || change.Previous?.Revision != expected?.Revision)
        {
            throw new SimulationViolation($"a watch of {_kind.Plural} got {change.Type} {name} at {change.Revision}, which does not follow from what it got before");
        }

        (_next, _last) = (_next + 1, change.Revision);
        if (change.Type == "DELETED")
        {
            _objects.Remove(name);
        }
        else
        {
            _objects[name] = change.Object;
        }
    }
}
