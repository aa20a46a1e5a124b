using Orchestrator.Actors.Api;

namespace Orchestrator.Tests.Simulation;

/// <summary>Restarts a part after an event was persisted: before its entity knows, so before anyone has an answer.</summary>
internal sealed class Restarts(World world)
{
    private static readonly TimeSpan HostDown = TimeSpan.FromSeconds(10);

    /// <summary>An event was persisted.</summary>
    public void AfterEvent(ObjectKey key)
    {
        var random = world.Random;
        if (random.NextDouble() >= world.Faults.Restart)
        {
            return;
        }

        switch (random.Next(8))
        {
            case 0 or 1:
                world.Region.Move(key);
                break;
            case 2:
                world.Region.Move(Any(world.Journal.Objects.Values.ToList()).Key);
                break;
            case 3 or 4:
                world.Singletons.Restart(random.Next(5));
                break;
            case 5:
                Any(world.Nodes).Die(isMachine: false);
                break;
            case 6 when world.Faults.NodesDie:
                Any(world.Nodes).Die(isMachine: true);
                break;
            case 7 when world.Faults.HostsDie:
                Kill(Any(world.Hosts));
                break;
        }
    }

    /// <summary>Kills a control host for a while, unless the other one is down.</summary>
    public void Kill(ControlHost host)
    {
        // The other one has everything, unless it is down too.
        if (!host.IsUp || world.Hosts.Count(h => h.IsUp) < 2)
        {
            return;
        }

        host.Die();
        world.Singletons.Lost(host);
        world.Time.After(HostDown * world.Random.NextDouble(), () =>
        {
            // It may have been started when the faults ended.
            if (!host.IsUp)
            {
                host.Start();
            }
        });
    }

    private T Any<T>(IReadOnlyList<T> parts) => parts[world.Random.Next(parts.Count)];
}
