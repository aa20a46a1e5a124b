using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Entities;

/// <summary>Hands out what the objects of a namespace may use together, before an object is stored: an invariant over several objects is kept by an entity of its own
/// (Kubernetes, "Resource Quotas").</summary>
public interface IRoomKeeper
{
    /// <summary>Whether anything bounds a namespace. A look-up in the cache.</summary>
    bool IsBounded(string ns);

    /// <summary>Returns what an object will use more than before; null if nothing.</summary>
    /// <param name="command">The command that stores it.</param>
    /// <param name="before">The stored version; null for a new object.</param>
    /// <param name="after">The version that is about to be stored.</param>
    /// <param name="since">Revision of the object's entity.</param>
    RoomDemand? Demand(ObjectCommand command, KubeObject? before, KubeObject after, long since);

    /// <summary>Returns why there would be no room, by what the cache shows; null if there would.</summary>
    ApiError? Judge(RoomDemand demand);

    /// <summary>Reserves room.</summary>
    /// <returns>Why there is none, and nothing is reserved; null if it is reserved.</returns>
    Task<ApiError?> ReserveAsync(RoomDemand demand);

    /// <summary>Gives back what was reserved and will not be used. If the message is lost, the room comes back by itself.</summary>
    void Release(RoomDemand demand);
}

/// <summary>What an object needs room for.</summary>
/// <param name="Since">Revision of the object's entity when it was computed. If it has changed since, so may have what the object needs.</param>
/// <param name="At">When it was computed.</param>
public abstract record RoomDemand(long Since, DateTimeOffset At)
{
    /// <summary>Time in which the object must be stored. What was reserved ends by itself some time later: hosts have different clocks. 30 s.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    /// <summary>Whether what was reserved is still for the object as it is.</summary>
    public bool Holds(long revision, DateTimeOffset now) => Since == revision && now - At < Bound;
}
