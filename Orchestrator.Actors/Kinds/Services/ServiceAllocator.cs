using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Gives services their addresses and ports of nodes. Each is reserved by an object that is named after it, so that no two services have the same.</summary>
/// <param name="ranges">The ranges of the cluster.</param>
/// <param name="view">Shows what is reserved. It may lag behind: what turns out to be taken is not tried again.</param>
/// <param name="time">The clock.</param>
/// <param name="store">Takes commands to the reservations.</param>
public sealed class ServiceAllocator(ServiceRanges ranges, IAdmissionView view, TimeProvider time, IObjectStore store) : IAllocator
{
    private const string By = "system:service-allocator";
    private const int Tries = 5;
    private static readonly HashSet<ObjectKey> Nothing = [];

    /// <inheritdoc/>
    public bool Serves(ResourceDefinition kind) => kind == ServiceDefinition.Instance;

    /// <inheritdoc/>
    public AllocationProposal? Propose(KubeObject? before, KubeObject after)
    {
        var proposal = Proposed(before, after, Nothing);
        return proposal is { Error: null, Patch.Count: 0, Reserve.Count: 0 } ? null : proposal;
    }

    /// <inheritdoc/>
    public async Task<AllocationReply> AllocateAsync(AllocationProposal proposal, ObjectCommand command, KubeObject? before, KubeObject after, long since)
    {
        var (at, taken) = (time.GetUtcNow(), new HashSet<ObjectKey>());
        while (time.GetUtcNow() - at < Allocation.Bound)
        {
            if (proposal.Error is { } refusal)
            {
                return new AllocationReply(null, refusal);
            }

            var (reservations, collided, error) = await ReserveAsync(proposal.Reserve, command).ConfigureAwait(false);
            var allocation = new Allocation(proposal.Patch, reservations, since, at);
            if (collided.IsEmpty && error is null)
            {
                return new AllocationReply(allocation, null);
            }

            Release(allocation);
            if (error is not null)
            {
                return new AllocationReply(null, error);
            }

            taken.UnionWith(collided);
            proposal = Proposed(before, after, taken);
        }

        return new AllocationReply(null, new ApiError(ApiReason.ServiceUnavailable, "others took every address and port that was tried: try again"));
    }

    /// <inheritdoc/>
    public void Release(Allocation allocation)
    {
        foreach (var (key, uid) in allocation.Reservations)
        {
            Give(key, uid, 0);
        }
    }

    /// <inheritdoc/>
    public void Settle(KubeObject? before, KubeObject? after, long cause)
    {
        if (before is null)
        {
            return;
        }

        foreach (var key in ServiceReservations.Of(before).Except(ServiceReservations.Of(after)))
        {
            if (view.Find(key) is { } reservation && ServiceReservations.IsFor(reservation, before.Key))
            {
                Give(key, reservation.Uid, cause);
            }
        }
    }

    private AllocationProposal Proposed(KubeObject? before, KubeObject after, IReadOnlySet<ObjectKey> taken) =>
        ServiceProposal.For(after.Key, after.ToNode()["spec"] as JsonObject ?? [], before, ranges, view, taken);

    // All at once: each is a write of the journal, and the journal takes many together.
    private async Task<(ImmutableArray<(ObjectKey, string)> Reservations, ImmutableArray<ObjectKey> Collided, ApiError? Error)> ReserveAsync(IReadOnlyList<ObjectKey> keys, ObjectCommand command)
    {
        var made = await Task.WhenAll(keys.Select(async k => (Key: k, Reply: await ReserveAsync(k, command).ConfigureAwait(false)))).ConfigureAwait(false);
        return ([.. made.Where(m => m.Reply.Uid is not null).Select(m => (m.Key, m.Reply.Uid!))], [.. made.Where(m => m.Reply is { Uid: null, Error: null }).Select(m => m.Key)],
            made.Select(m => m.Reply.Error).FirstOrDefault(e => e is not null));
    }

    // The uid of the reservation; neither uid nor error if somebody else has it.
    private async Task<(string? Uid, ApiError? Error)> ReserveAsync(ObjectKey key, ObjectCommand command)
    {
        for (var i = 0; i < Tries; i++)
        {
            var created = await store.SendAsync(new CreateObject(key, ServiceReservations.Create(key, command.Key), By, command.Cause), CancellationToken.None).ConfigureAwait(false);
            if (created.Error is null)
            {
                return (created.Object!.Uid, null);
            }

            if (created.Error.Reason != ApiReason.AlreadyExists)
            {
                return (null, created.Error);
            }

            var present = (await store.SendAsync(new GetObject(key, By), CancellationToken.None).ConfigureAwait(false)).Object;
            if (present is not null && !ServiceReservations.IsFor(present, command.Key))
            {
                return (null, null);
            }

            // One of this service that no version of it has. It is replaced, because whoever is about to give it back knows its uid.
            if (present is not null)
            {
                await store.SendAsync(new DeleteObject(key, By, command.Cause, ExpectedUid: present.Uid), CancellationToken.None).ConfigureAwait(false);
            }
        }

        return (null, null);
    }

    // Nobody waits for the answer: what is not given back is found later.
    private void Give(ObjectKey key, string uid, long cause) => _ = store.SendAsync(new DeleteObject(key, By, cause, ExpectedUid: uid), CancellationToken.None);
}
