using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Tests.Simulation;

/// <summary>Worlds whose users want autoscalers too. The pods of a deployment share a load. An autoscaler forgets its recommendations whenever its entity stops, which is more often
/// than in a host.</summary>
internal class WithAutoscalers : Parts, IResourceMetrics
{
    // Thousandths of a core, of which half of the 200 that a pod requests are wanted: three pods, and four.
    private static readonly long[] Loads = [230, 360];
    private static readonly AutoscalerSettings Settings = new(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(10), TimeSpan.Zero, TimeSpan.Zero, 0.1);
    private World? _world;

    public override bool HasAutoscalers => true;

    public override IReadOnlyDictionary<string, IController> Controllers => base.Controllers.Values.Append(Autoscaler()).ToFrozenDictionary(c => c.Kind.Resource);

    public override void Enter(World world) => _world = world;

    /// <summary>The controller of an entity's life.</summary>
    protected virtual IController Autoscaler() => new HorizontalPodAutoscalerController(this, IPushedMetrics.None, Settings);

    public ResourceUsage? Node(string name) => null;

    public PodUsage? Pod(string uid)
    {
        if (_world!.Journal.Of(PodDefinition.Instance).FirstOrDefault(p => p.Uid == uid) is not { Phase: "Running", IsDeleting: false } pod || LoadOf(pod.Labels.GetValueOrDefault("app", "")) is not { } load)
        {
            return null;
        }

        var siblings = _world.Journal.Of(PodDefinition.Instance).Count(p => p.Namespace == pod.Namespace && p is { Phase: "Running", IsDeleting: false } && p.Labels.GetValueOrDefault("app") == pod.Labels["app"]);
        return new PodUsage(uid, [new ContainerUsage("c", new ResourceUsage(_world.Time.GetUtcNow(), TimeSpan.FromSeconds(15), load * 1_000_000 / siblings, 1))]);
    }

    /// <summary>Returns what an autoscaler's target lacks; null if nothing.</summary>
    public static string? Lacks(World world, KubeObject o)
    {
        var autoscaler = o.As<V2HorizontalPodAutoscaler>();
        var ableToScale = autoscaler.Status?.Conditions?.FirstOrDefault(c => c.Type == "AbleToScale");
        if (world.Journal.Find(DeploymentDefinition.Instance.Key(o.Namespace, autoscaler.Spec.ScaleTargetRef.Name)) is not { } target)
        {
            return ableToScale?.Reason == "FailedGetScale" ? null : $"{o.Key} has no target and shows {ableToScale?.Reason}";
        }

        var replicas = Scale.Of(target).Replicas;
        var wanted = Math.Clamp((int)Math.Ceiling(LoadOf(target.Name)!.Value / 100.0), autoscaler.Spec.MinReplicas ?? 1, autoscaler.Spec.MaxReplicas);
        return replicas == 0 ? null // A user turned it off.
            : replicas != wanted ? $"{o.Key} wants {wanted} replicas and {target.Name} has {replicas}"
            : autoscaler.Status?.DesiredReplicas != wanted || ableToScale?.Status != "True" ? $"{o.Key} shows {autoscaler.Status?.DesiredReplicas} replicas of {wanted}, {ableToScale?.Reason}"
            : null;
    }

    // Deployments are named d0 and d1, and so are the labels of their pods.
    private static long? LoadOf(string app) => app is "d0" or "d1" ? Loads[app[1] - '0'] : null;
}

/// <summary>An autoscaler sets one pod more than it decided.</summary>
internal sealed class ScalesTooFar : WithAutoscalers
{
    protected override IController Autoscaler() => new OneMore(base.Autoscaler());

    private sealed class OneMore(IController controller) : IController
    {
        public ResourceDefinition Kind => controller.Kind;

        public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
        {
            var plan = controller.Plan(self, view, context);
            return plan with { Commands = [.. plan.Commands.Select(c => c is MergeObject rescale ? rescale with { Patch = More(rescale.Patch) } : c)] };
        }

        private static JsonObject More(JsonObject patch) => new() { ["spec"] = new JsonObject { ["replicas"] = (int)patch["spec"]!["replicas"]! + 1 } };
    }
}
