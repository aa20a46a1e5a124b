using System.Collections.Frozen;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>What is asked of a version of a service again and again, and does not change: its controller looks at it with each change of a pod.</summary>
internal sealed class ServiceOutline
{
    private volatile ServiceRanges? _completeIn;

    private ServiceOutline(FrozenSet<ObjectKey> reservations) => Reservations = reservations;

    /// <summary>The reservations of all that it has.</summary>
    public FrozenSet<ObjectKey> Reservations { get; }

    /// <summary>The outline of a service.</summary>
    public static ServiceOutline Of(KubeObject service) => service.Outline(s => new ServiceOutline(ServiceReservations.Read(s).ToFrozenSet()));

    /// <summary>Whether it turned out to lack nothing. What it has is its own whatever others have, so that stays so.</summary>
    public bool IsComplete(ServiceRanges ranges) => _completeIn == ranges;

    /// <summary>It lacks nothing, in a cluster with these ranges.</summary>
    public void Complete(ServiceRanges ranges) => _completeIn = ranges;
}
