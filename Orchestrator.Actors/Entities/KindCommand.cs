using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Entities;

/// <summary>A command that only objects of one kind have. It is in the folder of the kind and decides itself.</summary>
public abstract record KindCommand(ObjectKey Key, UserInfo By, long Cause) : ObjectCommand(Key, By, Cause)
{
    /// <summary>Decides the command on an object. Pure.</summary>
    public abstract KindDecision Decide(KubeObject state, DecideContext context);
}

/// <summary>The outcome of a <see cref="KindCommand"/>.</summary>
/// <param name="Delta">RFC 7386 merge patch; null if nothing changes.</param>
/// <param name="Verb">Past tense for the event's manifest.</param>
/// <param name="Error">Why the command is rejected; null if it is accepted.</param>
public sealed record KindDecision(JsonObject? Delta, string Verb, ApiError? Error = null)
{
    /// <summary>Accepted, and nothing changes.</summary>
    public static readonly KindDecision NoOp = new(null, "");

    /// <summary>Rejects the command.</summary>
    public static KindDecision Reject(ApiError error) => new(null, "", error);
}
