using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;

namespace Orchestrator.Actors.Kinds.ResourceQuotas;

/// <summary>Asks a quota for room for an object that is about to be stored, or to use more. Accepted without a reservation if the quota does not count the object.</summary>
/// <param name="Key">The quota.</param>
/// <param name="Id">Identifies the reservation; a second command with it changes nothing.</param>
/// <param name="For">The object.</param>
/// <param name="Since">Revision of the object's entity before it is stored.</param>
/// <param name="Amounts">What it uses more than before, by the names that quotas have.</param>
/// <param name="Lacking">By resource, the containers that do not say how much of it they use.</param>
/// <param name="Scopes">The scopes that it is in; null if scopes do not apply to it.</param>
/// <param name="PriorityClass">Its priority class; empty for none.</param>
/// <param name="By">Who stores the object.</param>
/// <param name="Cause">See <see cref="ObjectCommand"/>.</param>
public sealed record ReserveRoom(ObjectKey Key, string Id, ObjectKey For, long Since, JsonObject Amounts, JsonObject? Lacking, ImmutableArray<string>? Scopes, string PriorityClass,
    UserInfo By, long Cause = 0) : KindCommand(Key, By, Cause)
{
    /// <inheritdoc/>
    public override KindDecision Decide(KubeObject state, DecideContext context) => QuotaDecider.Reserve(state, this, context.Now);
}

/// <summary>Gives room back, because the object was not stored.</summary>
/// <param name="Key">The quota.</param>
/// <param name="Id">See <see cref="ReserveRoom"/>.</param>
/// <param name="By">Who had asked for it.</param>
/// <param name="Cause">See <see cref="ObjectCommand"/>.</param>
public sealed record ReleaseRoom(ObjectKey Key, string Id, UserInfo By, long Cause = 0) : KindCommand(Key, By, Cause)
{
    /// <inheritdoc/>
    public override KindDecision Decide(KubeObject state, DecideContext context) => QuotaDecider.Release(state, this);
}

/// <summary>Tells a quota what the objects of its namespace use.</summary>
/// <param name="Key">The quota.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="At">Its revision when the objects were counted. What was reserved later is added.</param>
/// <param name="Counted">What the objects use of each resource that the quota bounds.</param>
/// <param name="Settled">The reservations whose objects were counted, or that are too old to count.</param>
/// <param name="By">The controller.</param>
/// <param name="Cause">See <see cref="ObjectCommand"/>.</param>
public sealed record CountRoom(ObjectKey Key, string Uid, long At, JsonObject Counted, ImmutableArray<string> Settled, UserInfo By, long Cause = 0) : KindCommand(Key, By, Cause)
{
    /// <inheritdoc/>
    public override KindDecision Decide(KubeObject state, DecideContext context) => QuotaDecider.Count(state, this);
}
