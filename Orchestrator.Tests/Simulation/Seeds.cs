namespace Orchestrator.Tests.Simulation;

/// <summary>Runs many seeds. Each world has one thread; worlds share nothing that could change them, so several run at once.</summary>
internal static class Seeds
{
    /// <summary>Runs seeds until one fails.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="parts">Creates the parts of a world.</param>
    /// <param name="ran">Called after each seed; from several threads.</param>
    /// <param name="isIt">Whether a run is what is looked for; default: any violation.</param>
    /// <returns>The lowest seed that fails of those that ran; null if none does.</returns>
    public static SimulationRun? FirstOf(int first, int count, Func<Parts> parts, Action<SimulationRun>? ran = null, Func<SimulationRun, bool>? isIt = null)
    {
        var gate = new Lock();
        SimulationRun? failed = null;
        Parallel.For(first, first + count, (seed, loop) =>
        {
            var run = World.Run(seed, parts());
            ran?.Invoke(run);
            if (isIt?.Invoke(run) ?? run.Violation is not null)
            {
                loop.Break();
                lock (gate)
                {
                    failed = failed is null || seed < failed.Seed ? run : failed;
                }
            }
        });
        return failed;
    }
}
