using Orchestrator.Actors.Api;
using Orchestrator.Actors.Api.Selectors;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>Finds what an autoscaler scales: any object of a kind with the subresource <c>scale</c>.</summary>
internal static class ScaleTargets
{
    /// <summary>Finds the target of an autoscaler, and its pods with what they use.</summary>
    public static ScaleTarget Of(KubeObject autoscaler, IClusterView view, IResourceMetrics metrics, IPushedMetrics pushed)
    {
        var reference = autoscaler.As<V2HorizontalPodAutoscaler>().Spec.ScaleTargetRef;
        var (target, error) = Find(reference, autoscaler.Namespace, view);
        if (target is null)
        {
            return ScaleTarget.Missing(autoscaler.Namespace, error!);
        }

        var scale = Scale.Of(target);
        if (scale.Selector.Length == 0)
        {
            return new ScaleTarget(autoscaler.Namespace, target, scale, [], null)
            {
                Selector = new SelectorFailure("SelectorRequired", "InvalidSelector", "selector is required", "the HPA target's scale is missing a selector"),
            };
        }

        var (selector, fault) = LabelSelector.Parse(scale.Selector);
        if (selector is null)
        {
            var message = $"couldn't convert selector into a corresponding internal selector object: {fault}";
            return new ScaleTarget(autoscaler.Namespace, target, scale, [], null) { Selector = new SelectorFailure("InvalidSelector", "InvalidSelector", message, message) };
        }

        var space = view.Indexed(IndexKey.Namespace(autoscaler.Namespace));
        var pods = space.Where(o => o.Kind == PodDefinition.Instance && selector.Matches(o.Labels)).Select(o => new AutoscaledPod(PodOutline.Of(o), PodSpecs.Of(o), metrics.Pod(o.Uid))).ToList();
        return new ScaleTarget(autoscaler.Namespace, target, scale, pods, null)
        {
            Selector = Ambiguity(autoscaler, scale, pods, space, view),
            Pushed = pushed,
            ResourceOf = (group, kind) => view.Registry.ByGroupKind(group, kind)?.Resource,
        };
    }

    private static (KubeObject? Target, string? Error) Find(V2CrossVersionObjectReference reference, string ns, IClusterView view)
    {
        if (reference.ApiVersion?.Count(c => c == '/') > 1)
        {
            return (null, $"unexpected GroupVersion string: {reference.ApiVersion}");
        }

        var group = reference.ApiVersion is { } version && version.Contains('/', StringComparison.Ordinal) ? version.Split('/')[0] : "";
        var kind = view.Registry.ByGroupKind(group, reference.Kind);
        if (kind is null && reference.ApiVersion is null or "")
        {
            // Older manifests name no version. Kubernetes found their kinds in a group that it does not have any more.
            kind = view.Registry.All.FirstOrDefault(k => k.Kind == reference.Kind && HasScale(k));
        }

        return kind is null ? (null, $"no matches for kind \"{reference.Kind}\" in group \"{group}\"")
            : !HasScale(kind) || !kind.Namespaced ? (null, "the server could not find the requested resource")
            : view.Find(kind.Key(ns, reference.Name)) is { } found ? (found, null)
            : (null, $"{kind.Resource} \"{reference.Name}\" not found");
    }

    private static bool HasScale(ResourceDefinition kind) => kind.Subresources.Contains("scale");

    // Two autoscalers of the same pods would undo each other's decisions.
    private static SelectorFailure? Ambiguity(KubeObject autoscaler, Scale scale, List<AutoscaledPod> pods, IReadOnlyCollection<KubeObject> space, IClusterView view)
    {
        var others = space.Where(o => o.Kind == autoscaler.Kind && o.Uid != autoscaler.Uid && Selects(o, pods, view)).Select(o => o.Name).Order(StringComparer.Ordinal).ToList();
        if (others.Count == 0)
        {
            return null;
        }

        var all = string.Join(' ', others.Prepend(autoscaler.Name).Select(name => $"{{{name} {autoscaler.Namespace}}}"));
        var message = $"pods by selector {scale.Selector} are controlled by multiple HPAs: [{all}]";
        return new SelectorFailure("AmbiguousSelector", "AmbiguousSelector", message, message);
    }

    private static bool Selects(KubeObject other, List<AutoscaledPod> pods, IClusterView view) =>
        Find(other.As<V2HorizontalPodAutoscaler>().Spec.ScaleTargetRef, other.Namespace, view).Target is { } target
        && Scale.Of(target).Selector is { Length: > 0 } line && LabelSelector.Parse(line).Selector is { } selector && pods.Any(p => selector.Matches(p.Outline.Object.Labels));
}
