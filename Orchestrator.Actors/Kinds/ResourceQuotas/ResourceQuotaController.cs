using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ResourceQuotas;

/// <summary>Counts what the objects of a namespace use of its quotas, so that room comes back when objects go or end, and when one for which it was reserved was never
/// stored.</summary>
/// <remarks>It runs in the quota's entity, so it knows all reservations that were made before it looks at the objects, and the entity adds those that are made later: an object
/// is in the count, or its reservation is.</remarks>
public sealed class ResourceQuotaController : IController
{
    // They come and go with everything that happens, and no quota bounds them.
    private const string Events = "events";

    /// <inheritdoc/>
    public ResourceDefinition Kind => ResourceQuotaDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        new(o => o.Namespace.Length > 0 && o.Kind.Plural != Events ? new(o.Namespace, "") : null,
            (concern, view) => view.All(ResourceQuotaDefinition.Instance, concern.Namespace).Select(q => q.Key)),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var quota = self.As<V1ResourceQuota>();
        var (counted, open, due) = (new ResourceAmounts(), QuotaReservation.Of(quota), new List<DateTimeOffset>());
        foreach (var name in ResourceAmounts.Read(quota.Spec?.Hard).Keys)
        {
            counted[name] = default;
        }

        var settled = open.Where(r => r.At + QuotaReservation.Patience <= context.Now).Select(r => r.Id).ToHashSet();
        foreach (var resource in counted.Keys.Select(QuotaResources.KindOf).Concat(open.Select(r => r.For.Resource)).Distinct().ToList())
        {
            if (view.Registry.ByResource(resource) is { } kind)
            {
                // One look for both: an object that is not counted must not settle its reservation.
                var objects = view.All(kind, self.Namespace).ToList();
                QuotaCount.Add(counted, quota.Spec, kind, objects, context.Now);
                due.AddRange(objects.Where(o => o.IsDeleting).Select(o => kind.UsageEnds?.Invoke(o)).OfType<DateTimeOffset>());
                settled.UnionWith(Seen([.. open.Where(r => r.For.Resource == resource)], objects));
            }
        }

        due.AddRange(open.Where(r => !settled.Contains(r.Id)).Select(r => r.At + QuotaReservation.Patience));
        TimeSpan? recheck = due.Where(d => d > context.Now).Select(d => (TimeSpan?)(d - context.Now)).Min();
        return QuotaDecider.Recount(self, counted, settled, self.Revision) is null ? new ControllerPlan([], recheck) : new ControllerPlan(
            [new CountRoom(self.Key, self.Uid, self.Revision, counted.ToNode(), [.. settled], $"resourcequota:{self.Namespace}/{self.Name}", context.Cause)], recheck);
    }

    private static IEnumerable<string> Seen(IReadOnlyCollection<QuotaReservation> open, List<KubeObject> objects)
    {
        if (open.Count == 0)
        {
            return [];
        }

        var byName = open.ToLookup(r => r.For.Name);
        return objects.SelectMany(o => byName[o.Name].Where(r => o.Revision > r.Since)).Select(r => r.Id);
    }
}
