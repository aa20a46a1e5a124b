using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;

namespace Orchestrator.Tests.Simulation;

/// <summary>A control host: its cache, which lags behind the journal, and the entities that it runs.</summary>
internal sealed class ControlHost(World world, int number)
{
    private readonly Dictionary<ObjectKey, SimulatedEntity> _entities = [];
    private readonly List<(long Revision, Life Life, Action Reached)> _waiting = [];
    private Life _life = new();
    private bool _isFolding;

    public string Name => $"host-{number}";

    /// <summary>Whether it runs.</summary>
    public bool IsUp { get; private set; }

    /// <summary>Its cache.</summary>
    public ObjectCache Cache { get; private set; } = new();

    /// <summary>The entities that run here.</summary>
    public IEnumerable<SimulatedEntity> Entities => _entities.Values;

    /// <summary>Starts with a cache read from the journal: from a snapshot of the current objects, or from the events.</summary>
    public void Start()
    {
        (IsUp, _life, Cache, _isFolding) = (true, new Life(), new ObjectCache(), false);
        if (world.Random.Next(2) == 0)
        {
            Cache.Restore(world.Journal.Revision, world.Journal.Objects.Values.Select(o => KubeObject.From(o.Kind, o.Json.Span)));
        }
        else
        {
            Cache.Fold(world.Journal.After(0));
        }

        world.Trace.Note($"{Name} starts at {Cache.Revision}");
        Follow();
    }

    /// <summary>Everything on it is gone at once.</summary>
    public void Die()
    {
        world.Trace.Note($"{Name} dies");
        IsUp = false;
        _life.End();
        _waiting.Clear();
        foreach (var entity in _entities.Values)
        {
            entity.Die();
        }

        _entities.Clear();
    }

    /// <summary>The entity of an object; it is started if it does not run.</summary>
    public SimulatedEntity Entity(ObjectKey key) => _entities.TryGetValue(key, out var entity) ? entity : _entities[key] = new SimulatedEntity(world, this, key);

    /// <summary>Stops an entity, as when it is passivated or moves.</summary>
    public void Stop(ObjectKey key)
    {
        if (_entities.Remove(key, out var entity))
        {
            world.Trace.Note($"{key} stops");
            entity.Stop(hasFailed: false);
        }
    }

    /// <summary>An entity has stopped by itself.</summary>
    public void Forget(ObjectKey key) => _entities.Remove(key);

    /// <summary>The journal has grown.</summary>
    public void Follow()
    {
        if (!IsUp || _isFolding || Cache.Revision == world.Journal.Revision)
        {
            return;
        }

        _isFolding = true;
        var random = world.Random;
        var lag = random.NextDouble() < world.Faults.Stalled ? TimeSpan.FromSeconds(20 * random.NextDouble()) : TimeSpan.FromMilliseconds(random.NextDouble() * 20);
        world.Time.After(lag, _life, () =>
        {
            _isFolding = false;
            world.Parts.Fold(Cache, world.Journal.After(Cache.Revision, most: 1 + random.Next(8)));
            for (var i = 0; i < _waiting.Count;)
            {
                var (revision, life, reached) = _waiting[i];
                if (revision > Cache.Revision)
                {
                    i++;
                    continue;
                }

                _waiting.RemoveAt(i);
                world.Time.After(TimeSpan.Zero, life, reached);
            }

            Follow();
        });
    }

    /// <summary>Calls back once the cache has reached a revision, but not at once.</summary>
    public void WhenReached(long revision, Life life, Action reached)
    {
        if (Cache.Revision >= revision)
        {
            world.Time.After(TimeSpan.Zero, life, reached);
        }
        else
        {
            _waiting.Add((revision, life, reached));
        }
    }

    /// <summary>Follows the changes of the cache, each batch a moment after it was applied.</summary>
    public void Listen(Life life, Action<FeedBatch> follow)
    {
        var cache = Cache;
        cache.Listen(batch => world.Time.After(TimeSpan.FromTicks(1), life, () => follow(batch)));
    }
}
