namespace Orchestrator.Node.Agent.Csi;

/// <summary>What a node has of CSI; shared by the agent and its pods.</summary>
/// <param name="Paths">Where drivers and volumes are.</param>
/// <param name="Drivers">The drivers.</param>
/// <param name="Mounts">The volumes of pods.</param>
internal sealed record CsiNode(CsiPaths Paths, CsiDrivers Drivers, CsiMounts Mounts)
{
    /// <summary>Creates it.</summary>
    /// <param name="root">See <see cref="CsiPaths"/>.</param>
    /// <param name="pods">The agent's own folders of pods, where it notes what is mounted.</param>
    /// <param name="time">The clock.</param>
    public static CsiNode At(string root, string pods, TimeProvider time)
    {
        var (paths, drivers) = (new CsiPaths(root), new CsiDrivers());
        return new CsiNode(paths, drivers, new CsiMounts(paths, drivers, new CsiRecords(pods), time));
    }
}
