namespace Orchestrator.Tests.Simulation;

/// <summary>How often what goes wrong. Each is a probability per occasion.</summary>
internal sealed record Faults
{
    /// <summary>Nothing goes wrong; messages and the cache still take their time.</summary>
    public static readonly Faults None = new();

    /// <summary>A message is lost.</summary>
    public double Lost { get; init; }

    /// <summary>A message arrives twice.</summary>
    public double Doubled { get; init; }

    /// <summary>A message takes up to <see cref="Latest"/>.</summary>
    public double Late { get; init; }

    /// <summary>The longest delay of a late message; longer than a command waits for its reply.</summary>
    public TimeSpan Latest { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>The journal refuses a write, or does not say whether it stored it.</summary>
    public double Refused { get; init; }

    /// <summary>The cache of a host stands still for up to 20 s.</summary>
    public double Stalled { get; init; }

    /// <summary>A part restarts after an event was persisted.</summary>
    public double Restart { get; init; }

    /// <summary>A step of the container runtime fails.</summary>
    public double Runtime { get; init; }

    /// <summary>A container that was started crashes soon.</summary>
    public double Crash { get; init; }

    /// <summary>Whether restarts include whole control hosts.</summary>
    public bool HostsDie { get; init; }

    /// <summary>Whether restarts include machines of nodes, with all their containers.</summary>
    public bool NodesDie { get; init; }

    /// <summary>Chooses the faults of a seed. Most seeds have few kinds of faults, because many at once hide each other.</summary>
    public static Faults Of(Random random)
    {
        double Maybe(double chance, double most) => random.NextDouble() < chance ? random.NextDouble() * most : 0;
        return new Faults
        {
            Lost = Maybe(0.5, 0.1),
            Doubled = Maybe(0.5, 0.1),
            Late = Maybe(0.5, 0.1),
            Refused = Maybe(0.5, 0.1),
            Stalled = Maybe(0.5, 0.1),
            Restart = Maybe(0.7, 0.1),
            Runtime = Maybe(0.4, 0.1),
            Crash = Maybe(0.3, 0.1),
            HostsDie = random.Next(2) == 0,
            NodesDie = random.Next(2) == 0,
        };
    }
}
