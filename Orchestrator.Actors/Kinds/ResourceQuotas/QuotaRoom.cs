using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ResourceQuotas;

/// <summary>Asks the quotas of a namespace for room, one after the other, and gives it back if one of them refuses (admission plugin ResourceQuota).</summary>
/// <param name="view">Shows which quotas there are. One that it does not show yet counts what is stored meanwhile.</param>
/// <param name="ids">Source of ids.</param>
/// <param name="time">The clock.</param>
/// <param name="store">Takes commands to the quotas.</param>
public sealed class QuotaRoom(IAdmissionView view, IIdSource ids, TimeProvider time, IObjectStore store) : IRoomKeeper
{
    /// <inheritdoc/>
    public bool IsBounded(string ns) => ns.Length > 0 && view.All(ResourceQuotaDefinition.Instance, ns).Any();

    /// <inheritdoc/>
    public RoomDemand? Demand(ObjectCommand command, KubeObject? before, KubeObject after, long since)
    {
        var now = time.GetUtcNow();
        var (amounts, former) = (QuotaCount.Of(after, now), before is null ? new ResourceAmounts() : QuotaCount.Of(before, now));
        foreach (var (name, amount) in former)
        {
            amounts[name] = amounts.GetValueOrDefault(name) - amount;
        }

        if (amounts.Values.All(a => a.Nanos <= 0))
        {
            return null;
        }

        // Of what is new only: a quota that was made later does not hinder changes of what is there.
        var usage = QuotaCount.UsageOf(after, now);
        var lacking = before is null ? new JsonObject(usage.Lacking.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)JsonValue.Create(l.Value)))) : [];
        var ask = new ReserveRoom(command.Key, ids.NewUid(), command.Key, since, amounts.ToNode(), lacking, usage.Scopes, usage.PriorityClass, command.By, command.Cause);
        var quotas = view.All(ResourceQuotaDefinition.Instance, command.Key.Namespace)
            .Where(q => q.As<V1ResourceQuota>().Spec?.Hard?.Keys.Any(h => amounts.GetValueOrDefault(h).Nanos > 0 || lacking.ContainsKey(h)) == true)
            .Select(q => q.Key).ToList();
        return quotas.Count == 0 ? null : new QuotaDemand(since, now, ask, quotas);
    }

    /// <inheritdoc/>
    public ApiError? Judge(RoomDemand demand) => Of(demand).Quotas.Select(view.Find).OfType<KubeObject>()
        .Select(q => QuotaDecider.Reserve(q, Of(demand).Ask, time.GetUtcNow()).Error).FirstOrDefault(e => e is not null);

    /// <inheritdoc/>
    public async Task<ApiError?> ReserveAsync(RoomDemand demand)
    {
        foreach (var quota in Of(demand).Quotas)
        {
            var reply = await store.SendAsync(Of(demand).Ask with { Key = quota }, CancellationToken.None).ConfigureAwait(false);
            if (reply.Error is { Reason: not ApiReason.NotFound } error)
            {
                Release(demand);
                return error;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Release(RoomDemand demand)
    {
        foreach (var quota in Of(demand).Quotas)
        {
            // Nobody waits for the answer: what is not given back ends by itself.
            _ = store.SendAsync(new ReleaseRoom(quota, Of(demand).Ask.Id, Of(demand).Ask.By, Of(demand).Ask.Cause), CancellationToken.None);
        }
    }

    private static QuotaDemand Of(RoomDemand demand) => (QuotaDemand)demand;

    // The command for each quota, and the quotas in the order of their names.
    private sealed record QuotaDemand(long Since, DateTimeOffset At, ReserveRoom Ask, IReadOnlyList<ObjectKey> Quotas) : RoomDemand(Since, At);
}
