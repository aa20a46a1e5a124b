using Orchestrator.Actors.Api;
using k8s.Models;

namespace Orchestrator.Actors.Workloads;

/// <summary>The objects that a controller owns, those that it should adopt, and those that it should release.</summary>
internal sealed record ControllerRefs<T>(IReadOnlyList<T> Owned, IReadOnlyList<T> Adopt, IReadOnlyList<T> Release);

/// <summary>Decides ownership by controller reference and label selector, as Kubernetes' <c>ControllerRefManager</c> does.</summary>
internal static class ControllerRefs
{
    /// <param name="controller">The object that controls.</param>
    /// <param name="selector">Its selector.</param>
    /// <param name="candidates">Objects that it owns or may adopt.</param>
    /// <param name="objectOf">The object of a candidate.</param>
    public static ControllerRefs<T> Of<T>(V1ObjectMeta controller, V1LabelSelector? selector, IEnumerable<T> candidates, Func<T, KubeObject> objectOf)
    {
        List<T> owned = [], adopt = [], release = [];
        foreach (var candidate in candidates)
        {
            var item = objectOf(candidate);
            var owner = item.Controller;
            var matches = Matches(selector, item.Labels);
            if (owner is not null && owner.Uid != controller.Uid)
            {
                continue;
            }

            if (owner is not null && matches)
            {
                owned.Add(candidate);
            }
            else if (controller.DeletionTimestamp is not null)
            {
                continue;
            }
            else if (owner is not null)
            {
                release.Add(candidate);
            }
            else if (matches && !item.IsDeleting && item.Namespace == controller.NamespaceProperty)
            {
                adopt.Add(candidate);
            }
        }

        return new ControllerRefs<T>(owned, adopt, release);
    }

    public static V1OwnerReference ReferenceTo(string apiVersion, string kind, V1ObjectMeta owner) => new()
    {
        ApiVersion = apiVersion,
        Kind = kind,
        Name = owner.Name,
        Uid = owner.Uid,
        Controller = true,
        BlockOwnerDeletion = true,
    };

    /// <summary>Whether the labels match the selector. An absent or empty selector matches nothing here, so no controller claims a whole namespace.</summary>
    public static bool Matches(V1LabelSelector? selector, IDictionary<string, string>? labels) =>
        selector is not (null or { MatchLabels: null or { Count: 0 }, MatchExpressions: null or { Count: 0 } }) && LabelSelectors.Matches(selector, labels);
}
