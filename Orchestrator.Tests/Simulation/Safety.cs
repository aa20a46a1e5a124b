using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Tests.Simulation;

/// <summary>Worlds whose users ask for more than Kubernetes gives: start order, rolls of the configuration, rollbacks.</summary>
internal class WithSafety : Parts
{
    private static readonly ObjectKey Settings = ConfigMapDefinition.Instance.Key("default", "settings");

    public override IEnumerable<(ResourceDefinition Kind, JsonObject Object)> Fixtures =>
        [(ConfigMapDefinition.Instance, new JsonObject { ["metadata"] = new JsonObject { ["name"] = Settings.Name, ["namespace"] = Settings.Namespace }, ["data"] = new JsonObject { ["v"] = "0" } })];

    public override void Want(World world, ResourceDefinition kind, JsonObject o)
    {
        if (kind != DeploymentDefinition.Instance)
        {
            return;
        }

        var random = world.Random;
        var annotations = new JsonObject
        {
            [AutoRollback.Annotation] = random.Next(2) == 0 ? "true" : "false",
            [ConfigPin.Annotation] = random.Next(2) == 0 ? "true" : "false",
        };
        if (random.Next(3) == 0)
        {
            annotations[StartAfter.Annotation] = (string?)o["metadata"]!["name"] == "d0" ? "deployment/d1" : "deployment/d0";
        }

        o["metadata"]!["annotations"] = annotations;
        o["spec"]!["progressDeadlineSeconds"] = 30;
        o["spec"]!["template"]!["spec"]!["containers"]![0]!["envFrom"] = new JsonArray(new JsonObject { ["configMapRef"] = new JsonObject { ["name"] = Settings.Name, ["optional"] = true } });
    }

    public override bool Act(World world)
    {
        if (world.Random.Next(4) > 0)
        {
            return false;
        }

        world.Client.Change(ConfigMapDefinition.Instance, Settings, o => o["data"] = new JsonObject { ["v"] = $"{world.Random.Next(4)}" });
        return true;
    }

    /// <summary>Nothing starts before its gate is open.</summary>
    public override void Stored(World world, StoredEvent stored)
    {
        if (stored is { Before: null, After: { } rs } && rs.Kind == ReplicaSetDefinition.Instance && rs.Controller is { Kind: "Deployment" } owner
            && world.Journal.Find(DeploymentDefinition.Instance.Key(rs.Namespace, owner.Name)) is { } d && d.Uid == owner.Uid && Gate(d)?.Status == "True")
        {
            throw new SimulationViolation($"{d.Key} makes {rs.Name} although it waits");
        }
    }

    public override string? Lacks(World world, KubeObject o, string? usual)
    {
        if (o.Kind != DeploymentDefinition.Instance)
        {
            return usual;
        }

        var d = o.As<V1Deployment>();
        if (Gate(o)?.Status == "True")
        {
            return StartAfter.References(o.ToNode()).Any(k => world.Journal.Find(k) is not { } target || DeploymentProgress.Completion(target) != Completion.Complete)
                ? null : $"{o.Key} waits for what is complete";
        }

        var wanted = ConfigPin.Of(d.Spec.Template, r => world.Journal.Find(r.Kind.Key(o.Namespace, r.Name)) is { } config ? ConfigVersion.Of(config).Text : null);
        return usual ?? (ConfigPin.IsOn(d) && wanted != ConfigPin.In(d.Spec.Template) ? $"{o.Key} has the configuration {ConfigPin.In(d.Spec.Template)} and not {wanted}" : null);
    }

    private static V1DeploymentCondition? Gate(KubeObject d) => DeploymentConditions.Find(d.As<V1Deployment>().Status?.Conditions, StartAfter.Condition);
}

/// <summary>A bug: deployments do not wait for what they are to start after.</summary>
internal sealed class StartsAtOnce : WithSafety
{
    private readonly Dictionary<string, IController> _controllers;

    public StartsAtOnce()
    {
        _controllers = new Dictionary<string, IController>(base.Controllers);
        var deployment = DeploymentDefinition.Instance.Resource;
        _controllers[deployment] = new Both(_controllers[deployment]);
    }

    public override IReadOnlyDictionary<string, IController> Controllers => _controllers;

    private sealed class Both(IController gated) : IController
    {
        private readonly DeploymentController _inner = new();

        public ResourceDefinition Kind => gated.Kind;

        public ImmutableArray<WakeRule> WokenBy => gated.WokenBy;

        public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context) =>
            gated.Plan(self, view, context) is { Commands.IsEmpty: false } plan ? plan : _inner.Plan(self, view, context);
    }
}
