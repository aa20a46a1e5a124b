using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ResourceQuotas;

/// <summary>Decides who gets the room of a quota. The quota's own entity is the only one who does, so that two objects never use the same room; it keeps what it has handed
/// out and not counted yet in annotations. Pure.</summary>
internal static class QuotaDecider
{
    /// <summary>The annotation with the revision of the quota at which the objects were counted last: an older count that arrives late is refused.</summary>
    private const string CountedAt = QuotaReservation.Annotations + "counted";

    /// <summary>Decides whether there is room.</summary>
    public static KindDecision Reserve(KubeObject stored, ReserveRoom c, DateTimeOffset now)
    {
        var quota = stored.As<V1ResourceQuota>();
        if (!QuotaScopes.Match(quota.Spec, c.Scopes, c.PriorityClass) || QuotaReservation.Of(quota).Any(r => r.Id == c.Id))
        {
            return KindDecision.NoOp;
        }

        var hard = ResourceAmounts.Read(quota.Spec?.Hard);
        if ((c.Lacking ?? []).Where(l => hard.ContainsKey(l.Key)).Select(l => $"{l.Key} for: {(string?)l.Value}").ToList() is { Count: > 0 } lacking)
        {
            return Forbidden(c, $"failed quota: {stored.Name}: must specify {string.Join("; ", lacking)}");
        }

        var asked = Of(ResourceAmounts.Read(c.Amounts), a => hard.ContainsKey(a.Key) && a.Value.Nanos > 0);
        if (asked.Count == 0)
        {
            return KindDecision.NoOp;
        }

        // What has not been counted yet bounds nothing, as in Kubernetes; it is noted all the same.
        var used = ResourceAmounts.Read(quota.Status?.Used);
        var exceeded = Of(asked, a => used.TryGetValue(a.Key, out var before) && before.Nanos + a.Value.Nanos > hard[a.Key].Nanos);
        if (exceeded.Count > 0)
        {
            var (taken, limits) = (Of(used, u => exceeded.ContainsKey(u.Key)), Of(hard, h => exceeded.ContainsKey(h.Key)));
            return Forbidden(c, $"exceeded quota: {stored.Name}, requested: {exceeded}, used: {taken}, limited: {limits}");
        }

        var reservation = new QuotaReservation(c.Id, c.For, c.Since, now, asked);
        used.Add(Of(asked, a => used.ContainsKey(a.Key)));
        return new KindDecision(Delta(new JsonObject { [reservation.Annotation] = reservation.Text }, Of(used, u => asked.ContainsKey(u.Key))), Verb: "reserved");
    }

    /// <summary>Takes room back.</summary>
    public static KindDecision Release(KubeObject stored, ReleaseRoom c)
    {
        var quota = stored.As<V1ResourceQuota>();
        if (QuotaReservation.Of(quota).FirstOrDefault(r => r.Id == c.Id) is not { } reservation)
        {
            return KindDecision.NoOp;
        }

        var used = Of(ResourceAmounts.Read(quota.Status?.Used), u => reservation.Amounts.ContainsKey(u.Key));
        foreach (var name in used.Keys.ToList())
        {
            used[name] -= reservation.Amounts[name];
        }

        return new KindDecision(Delta(new JsonObject { [reservation.Annotation] = null }, used), Verb: "room-released");
    }

    /// <summary>Takes over what was counted.</summary>
    public static KindDecision Count(KubeObject stored, CountRoom c)
    {
        if (c.Uid != stored.Uid)
        {
            return KindDecision.Reject(ApiError.Conflict(c.Key, $"it is meant for uid {c.Uid} but the object's is {stored.Uid}"));
        }

        return c.At <= LastCount(stored.As<V1ResourceQuota>())
            ? KindDecision.Reject(ApiError.Conflict(c.Key, "the objects have been counted again since"))
            : new KindDecision(Recount(stored, ResourceAmounts.Read(c.Counted), [.. c.Settled], c.At), Verb: "counted");
    }

    /// <summary>Returns the change that what was counted makes; null if it makes none.</summary>
    /// <param name="stored">The quota.</param>
    /// <param name="counted">What objects use of each resource that the quota bounds.</param>
    /// <param name="settled">The reservations that count no more.</param>
    /// <param name="at">Revision of the quota when they were counted.</param>
    public static JsonObject? Recount(KubeObject stored, ResourceAmounts counted, IReadOnlyCollection<string> settled, long at)
    {
        var quota = stored.As<V1ResourceQuota>();
        var (hard, used, annotations) = (ResourceAmounts.Read(quota.Spec?.Hard), counted.Copy(), new JsonObject());
        foreach (var reservation in QuotaReservation.Of(quota))
        {
            if (settled.Contains(reservation.Id))
            {
                annotations[reservation.Annotation] = null;
            }
            else
            {
                used.Add(Of(reservation.Amounts, a => used.ContainsKey(a.Key)));
            }
        }

        var status = JsonMerge.Diff(stored.ToNode()["status"] as JsonObject ?? [], new JsonObject { ["hard"] = hard.ToNode(), ["used"] = used.ToNode() });
        if (status is null && annotations.Count == 0)
        {
            return null;
        }

        annotations[CountedAt] = at.ToString(CultureInfo.InvariantCulture);
        var delta = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } };
        if (status is not null)
        {
            delta["status"] = status;
        }

        return delta;
    }

    private static long LastCount(V1ResourceQuota quota) =>
        quota.Metadata.Annotations?.TryGetValue(CountedAt, out var text) == true ? long.Parse(text, CultureInfo.InvariantCulture) : 0;

    private static JsonObject Delta(JsonObject annotations, ResourceAmounts used)
    {
        var delta = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } };
        if (used.Count > 0)
        {
            delta["status"] = new JsonObject { ["used"] = used.ToNode() };
        }

        return delta;
    }

    private static KindDecision Forbidden(ReserveRoom c, string why) =>
        KindDecision.Reject(new ApiError(ApiReason.Forbidden, $"{c.For.Resource} \"{c.For.Name}\" is forbidden: {why}"));

    private static ResourceAmounts Of(ResourceAmounts amounts, Func<KeyValuePair<string, Quantity>, bool> isMeant)
    {
        var some = new ResourceAmounts();
        foreach (var (name, amount) in amounts.Where(isMeant))
        {
            some[name] = amount;
        }

        return some;
    }
}
