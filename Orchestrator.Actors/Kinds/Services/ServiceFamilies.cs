using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Api.JsonFilling;
using static Orchestrator.Actors.Kinds.Services.ServiceForm;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Which families of addresses a service has, the primary first: what it asks for, what follows from that, and what the cluster has (Kubernetes, "IPv4/IPv6 dual-stack"). Pure.</summary>
internal static class ServiceFamilies
{
    private const string Field = "spec.ipFamilyPolicy";

    /// <summary>The families of a service, the primary first, also of one that was stored without them.</summary>
    public static IReadOnlyList<string> Of(V1ServiceSpec spec) => spec.IpFamilies is { Count: > 0 } given ? [.. given] : [IpFamilies.Of(spec.ClusterIP) ?? IpFamilies.V4];

    /// <summary>Sets policy and families, takes away the second family of a service that gives it up, and reports what cannot be had.</summary>
    /// <param name="spec">A spec that was validated. It is modified.</param>
    /// <param name="old">The stored one; null for a new service.</param>
    /// <param name="ranges">The ranges of the cluster.</param>
    /// <param name="errors">Collects the errors.</param>
    public static void Complete(JsonObject spec, JsonObject? old, ServiceRanges ranges, FieldErrors errors)
    {
        if (!HasClusterIP(spec) || IsSettled(spec, old))
        {
            return;
        }

        // Nobody knows of which families the endpoints are that somebody makes by hand: such a service has both, whatever the cluster has.
        var isByHand = IsHeadless(spec) && spec["selector"] is not JsonObject { Count: > 0 };
        Set(spec, "ipFamilyPolicy", Policy(old ?? []) is { Length: > 0 } former ? former : isByHand ? RequireDualStack : SingleStack);
        Release(spec, old ?? [], errors);
        Infer(spec, ranges, errors);
        if (errors.All.Count == 0 && !isByHand)
        {
            Demand(spec, ranges, errors);
        }

        if (errors.All.Count == 0)
        {
            Fill(spec, ranges, isByHand);
        }
    }

    // One that takes a second family if there is one does not get or lose it because the cluster does: only who changes the service decides that.
    private static bool IsSettled(JsonObject spec, JsonObject? old) => old is not null && Policy(spec) == PreferDualStack && Policy(old) == PreferDualStack && Text(spec, "type") == Text(old, "type")
        && ClusterIPs(spec).SequenceEqual(ClusterIPs(old)) && Texts(spec, "ipFamilies").SequenceEqual(Texts(old, "ipFamilies"))
        && (IsHeadless(spec) || ClusterIPs(spec).Count == Texts(spec, "ipFamilies").Count);

    // The word SingleStack is enough for it; fewer addresses or families without it may be a mistake.
    private static void Release(JsonObject spec, JsonObject old, FieldErrors errors)
    {
        foreach (var (field, what, several) in (ReadOnlySpan<(string, string, string)>)[("clusterIPs", "cluster IP", "cluster IPs"), ("ipFamilies", "IP family", "IP families")])
        {
            var (now, before) = (Texts(spec, field), Texts(old, field));
            if (Policy(spec) != SingleStack)
            {
                if (now.Count > 0 && now.Count < before.Count)
                {
                    errors.Invalid(Field, Policy(spec), $"must be 'SingleStack' to release the secondary {what}");
                }
            }
            else if (now.Count > 1 && now.SequenceEqual(before))
            {
                spec[field] = new JsonArray(now[0]);
            }
            else if (now.Count > 1)
            {
                errors.Invalid(Field, Policy(spec), $"must be 'RequireDualStack' or 'PreferDualStack' when multiple {several} are specified");
            }
        }
    }

    // An address says of which family it is.
    private static void Infer(JsonObject spec, ServiceRanges ranges, FieldErrors errors)
    {
        var (families, addresses) = (Texts(spec, "ipFamilies"), IsHeadless(spec) ? [] : ClusterIPs(spec));
        for (var i = families.Count; i < addresses.Count; i++)
        {
            if (ranges.Of(IpFamilies.Of(addresses[i])!) is { } range)
            {
                families = [.. families, range.Family];
            }
            else
            {
                errors.Invalid($"spec.clusterIPs[{i}]", spec["clusterIPs"], $"{IpFamilies.Of(addresses[i])} is not configured on this cluster");
            }
        }

        Put(spec, families);
    }

    private static void Demand(JsonObject spec, ServiceRanges ranges, FieldErrors errors)
    {
        if (Policy(spec) == RequireDualStack && ranges.Families.Length < 2)
        {
            errors.Invalid(Field, RequireDualStack, "this cluster is not configured for dual-stack services");
        }

        var families = Texts(spec, "ipFamilies");
        for (var i = 0; i < families.Count; i++)
        {
            if (ranges.Of(families[i]) is null)
            {
                errors.Invalid($"spec.ipFamilies[{i}]", families[i], "not configured on this cluster");
            }
        }
    }

    private static void Fill(JsonObject spec, ServiceRanges ranges, bool isByHand)
    {
        IReadOnlyList<string> families = Texts(spec, "ipFamilies") is { Count: > 0 } given ? given : [ranges.Primary.Family];
        Put(spec, families.Count == 1 && Policy(spec) != SingleStack && (isByHand || ranges.Families.Length == 2) ? [families[0], IpFamilies.Other(families[0])] : families);
    }

    private static void Put(JsonObject spec, IReadOnlyList<string> families)
    {
        if (families.Count > 0)
        {
            spec["ipFamilies"] = List(families);
        }
    }

    private static string Policy(JsonObject spec) => Text(spec, "ipFamilyPolicy");
}
