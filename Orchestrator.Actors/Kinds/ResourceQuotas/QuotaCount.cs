using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ResourceQuotas;

/// <summary>Adds up what objects use. Pure.</summary>
internal static class QuotaCount
{
    /// <summary>Returns what one object uses.</summary>
    public static ResourceAmounts Of(KubeObject item, DateTimeOffset now)
    {
        var amounts = UsageOf(item, now).Amounts.Copy();
        foreach (var name in QuotaResources.CountsOf(item.Kind))
        {
            amounts[name] = Quantity.Of(1);
        }

        return amounts;
    }

    /// <summary>What an object uses, besides that it is one.</summary>
    public static ObjectUsage UsageOf(KubeObject item, DateTimeOffset now) => item.Kind.Usage?.Invoke(item, now) ?? ObjectUsage.None;

    /// <summary>Adds what objects of one kind use of a quota. Objects that share a usage, such as replicas, are added at once.</summary>
    /// <param name="used">Has the names that the quota bounds, and no others.</param>
    /// <param name="quota">The quota.</param>
    /// <param name="kind">The kind of the objects.</param>
    /// <param name="objects">All objects of the kind in the namespace of the quota.</param>
    /// <param name="now">The current time.</param>
    public static void Add(ResourceAmounts used, V1ResourceQuotaSpec? quota, ResourceDefinition kind, IEnumerable<KubeObject> objects, DateTimeOffset now)
    {
        var numbers = new Dictionary<ObjectUsage, int>(ReferenceEqualityComparer.Instance);
        foreach (var item in objects)
        {
            var usage = UsageOf(item, now);
            numbers[usage] = numbers.GetValueOrDefault(usage) + 1;
        }

        foreach (var (usage, number) in numbers.Where(n => QuotaScopes.Match(quota, n.Key.Scopes, n.Key.PriorityClass)))
        {
            foreach (var (name, amount) in usage.Amounts.Where(a => used.ContainsKey(a.Key)))
            {
                used.Add(name, amount, number);
            }

            foreach (var name in QuotaResources.CountsOf(kind).Where(used.ContainsKey))
            {
                used.Add(name, Quantity.Of(number));
            }
        }
    }
}
