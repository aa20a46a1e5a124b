using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Entities;

/// <summary>Gives objects, before they are stored, what only one object of the cluster may have, such as an address. What an object has is reserved by another entity, so that it is
/// exact whatever a host saw. The entity of the object asks for it, one allocation at a time, whoever sent the command.</summary>
public interface IAllocator
{
    /// <summary>Whether objects of a kind are given something.</summary>
    bool Serves(ResourceDefinition kind);

    /// <summary>What an object would be given, by what the cache shows.</summary>
    /// <param name="before">The stored version; null for a new object.</param>
    /// <param name="after">The version that is about to be stored.</param>
    /// <returns>A merge patch, or why there is nothing for it. Null: it needs nothing beyond what the stored version has.</returns>
    AllocationProposal? Propose(KubeObject? before, KubeObject after);

    /// <summary>Reserves what an object needs beyond what the stored version has.</summary>
    /// <param name="proposal">What it would be given, as it was just proposed.</param>
    /// <param name="command">The command that stores it.</param>
    /// <param name="before">The stored version; null for a new object.</param>
    /// <param name="after">The version that is about to be stored.</param>
    /// <param name="since">Revision of the object's entity.</param>
    /// <returns>What was reserved; or the error, and nothing is reserved.</returns>
    Task<AllocationReply> AllocateAsync(AllocationProposal proposal, ObjectCommand command, KubeObject? before, KubeObject after, long since);

    /// <summary>Gives back what was reserved and will not be stored. What is lost comes back by itself, minutes later.</summary>
    void Release(Allocation allocation);

    /// <summary>An object was stored: gives back what the version before had and it has no more.</summary>
    /// <param name="before">The version before; null if it was created.</param>
    /// <param name="after">The version now; null if it was deleted.</param>
    /// <param name="cause">Revision of the event.</param>
    void Settle(KubeObject? before, KubeObject? after, long cause);
}

/// <summary>What an object would be given.</summary>
/// <param name="Patch">RFC 7386 merge patch.</param>
/// <param name="Error">Why it is given nothing; null otherwise.</param>
public sealed record AllocationProposal(JsonObject Patch, ApiError? Error)
{
    /// <summary>What is to be reserved for it.</summary>
    public IReadOnlyList<ObjectKey> Reserve { get; init; } = [];
}

/// <summary>The answer to an allocation; exactly one member is set.</summary>
/// <param name="Allocation">What was reserved.</param>
/// <param name="Error">Why nothing was.</param>
public sealed record AllocationReply(Allocation? Allocation, ApiError? Error);

/// <summary>What was reserved for an object.</summary>
/// <param name="Patch">RFC 7386 merge patch that gives it to the object.</param>
/// <param name="Reservations">The objects that reserve it, by key and uid.</param>
/// <param name="Since">Revision of the object's entity when it was asked for.</param>
/// <param name="At">When it was asked for.</param>
public sealed record Allocation(JsonObject Patch, ImmutableArray<(ObjectKey Key, string Uid)> Reservations, long Since, DateTimeOffset At)
{
    /// <summary>Time in which the object must be stored. A reservation that no object has goes some minutes later: hosts have different clocks. 30 s.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    /// <summary>Whether it is still for the object as it is.</summary>
    public bool Holds(long revision, DateTimeOffset now) => Since == revision && now - At < Bound;

    /// <summary>The command that stores the object with what it was given.</summary>
    public ObjectCommand Complete(ObjectCommand command) => command switch
    {
        CreateObject create => create with { Object = Completed(create.Object) },
        ReplaceObject replace => replace with { Object = Completed(replace.Object) },
        _ => command,
    };

    private JsonObject Completed(JsonObject o) => JsonMerge.Apply((JsonObject)o.DeepClone(), Patch);
}
