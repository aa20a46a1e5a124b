using Orchestrator.Node.Agent;

namespace Orchestrator.Tests.Simulation;

/// <summary>A machine: its containers, and the agent that runs on it now.</summary>
internal sealed class SimulatedNode
{
    private readonly World _world;
    private SimulatedAgent? _agent;

    public SimulatedNode(World world, string name)
    {
        (_world, Name) = (world, name);
        Runtime = new SimulatedRuntime(world, name);
    }

    public string Name { get; }

    public SimulatedRuntime Runtime { get; }

    /// <summary>Whether its agent runs.</summary>
    public bool IsUp => _agent is not null;

    /// <summary>Starts an agent.</summary>
    public void Start()
    {
        _world.Trace.Note($"{Name} starts");
        _agent = new SimulatedAgent(_world, this);
    }

    /// <summary>The agent ends at once, and with it the containers if the whole machine fails. It starts again after a while.</summary>
    public void Die(bool isMachine)
    {
        if (_agent is not { } agent)
        {
            return;
        }

        _world.Trace.Note($"{Name} dies{(isMachine ? " with its machine" : "")}");
        agent.Die();
        _agent = null;
        if (isMachine)
        {
            Runtime.Fail();
        }

        var random = _world.Random;
        _world.Time.After(TimeSpan.FromSeconds(5 + (random.NextDouble() * 5)), () => _world.Singletons.Gateway?.Lose(agent));
        _world.Time.After(random.Next(4) == 0 ? TimeSpan.FromSeconds(random.Next(400)) : TimeSpan.FromSeconds(random.Next(1, 20)), () =>
        {
            if (!IsUp)
            {
                Start();
            }
        });
    }

    /// <summary>A container has started or ended.</summary>
    public void Changed(string uid) => _agent?.Worker(uid)?.RuntimeChanged();

    /// <summary>What the runtime says of itself.</summary>
    public static RuntimeInfo Facts { get; } = new("simulated", "1", "1", "simulated", 4, 4L << 30, 1L << 40);
}
