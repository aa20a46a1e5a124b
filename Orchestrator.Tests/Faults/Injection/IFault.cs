using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Injection;

/// <summary>Something that goes wrong on purpose. One at a time: it is healed before the next one is injected.</summary>
internal interface IFault
{
    /// <summary>Its name on the command line.</summary>
    string Name { get; }

    /// <summary>The longest time between its injection and its healing.</summary>
    TimeSpan Longest { get; }

    /// <summary>Whether it can be done to this cluster on this machine.</summary>
    bool Fits(FaultCluster cluster);

    /// <summary>Does it.</summary>
    /// <returns>What it was done to, in a few words.</returns>
    Task<string> InjectAsync(FaultCluster cluster, Random random);

    /// <summary>Removes its cause. Hosts that ended are started again by the cluster.</summary>
    Task HealAsync(FaultCluster cluster);
}

/// <summary>All faults.</summary>
internal static class AllFaults
{
    /// <summary>New ones: a fault knows what it was done to.</summary>
    public static IReadOnlyList<IFault> Create() =>
    [
        new EndFault("kill", h => h.KillAsync()), new EndFault("term", h => h.TerminateAsync()), new PauseFault(), new DiskFault(), new DamageFault(), new DockerFault(), new PostgresFault(), new UpgradeFault(), new ClockFault(),
        .. NetworkFault.All,
    ];

    /// <summary>The faults of these names that can be done; all, if no name is given.</summary>
    /// <exception cref="FormatException">A name is not known, or nothing is left.</exception>
    public static IReadOnlyList<IFault> Choose(IReadOnlyList<string> names, FaultCluster cluster)
    {
        var all = Create();
        if (names.FirstOrDefault(n => all.All(f => f.Name != n)) is { } unknown)
        {
            throw new FormatException($"--faults: {unknown} must be one of {string.Join(", ", all.Select(f => f.Name))}");
        }

        List<IFault> chosen = [.. all.Where(f => names.Contains(f.Name) || (names.Count == 0 && f.Fits(cluster)))];
        return chosen.FirstOrDefault(f => !f.Fits(cluster)) is { } unfit ? throw new FormatException($"--faults: {unfit.Name} cannot be done to these hosts here") : chosen;
    }
}
