using Orchestrator.Actors.Entities;

namespace Orchestrator.Tests.Simulation;

/// <summary>Ids in their order.</summary>
internal sealed class SimulatedIds : IIdSource
{
    private long _uids;
    private long _suffixes;

    /// <inheritdoc/>
    public string NewUid() => $"uid-{++_uids}";

    /// <inheritdoc/>
    public string NewSuffix() => $"x{++_suffixes:0000}";
}
