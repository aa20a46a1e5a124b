using Orchestrator.Actors.Api;

namespace Orchestrator.Tests.Simulation;

/// <summary>The shard region: knows on which control host each entity is, and starts it there. An entity is on one host at a time.</summary>
internal sealed class Region(World world)
{
    private readonly Dictionary<ObjectKey, ControlHost> _homes = [];

    /// <summary>Delivers a command; it is lost if no host is up.</summary>
    public void Deliver(Envelope envelope)
    {
        if (HomeOf(envelope.Command.Key) is { } host)
        {
            host.Entity(envelope.Command.Key).Receive(envelope);
        }
    }

    /// <summary>Stops an entity where it is, and starts it on another host.</summary>
    public void Move(ObjectKey key)
    {
        if (_homes.Remove(key, out var home))
        {
            home.Stop(key);
        }
    }

    /// <summary>Where an entity is, or is started when it is needed; null if no host is up.</summary>
    public ControlHost? HomeOf(ObjectKey key)
    {
        if (_homes.TryGetValue(key, out var home) && home.IsUp)
        {
            return home;
        }

        var up = world.Hosts.Where(h => h.IsUp).ToList();
        return up.Count == 0 ? null : _homes[key] = up[world.Random.Next(up.Count)];
    }
}
