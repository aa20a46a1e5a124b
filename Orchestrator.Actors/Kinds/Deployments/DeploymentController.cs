using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>Turns the plan of <see cref="DeploymentPlanner"/> into commands to replica sets and to the deployment itself.</summary>
public sealed class DeploymentController : IController
{
    internal const string Component = "deployment-controller";

    /// <inheritdoc/>
    public ResourceDefinition Kind => DeploymentDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        // A replica set without a controller: any deployment of its namespace may adopt it.
        Adoption.By(DeploymentDefinition.Instance, ReplicaSetDefinition.Instance),

        // A pod of one of its replica sets.
        new(o => o.Kind == PodDefinition.Instance && o.Controller is { Group: "apps", Kind: "ReplicaSet" } owner ? new(o.Namespace, owner.Name) : null,
            (concern, view) => view.Find(ReplicaSetDefinition.Instance.Key(concern.Namespace, concern.Name))?.Controller is { Group: "apps", Kind: "Deployment" } top
                ? [DeploymentDefinition.Instance.Key(concern.Namespace, top.Name)] : []),

        // The configuration of its pods, if it asks for that.
        Naming.By(DeploymentDefinition.Instance, k => k == ConfigMapDefinition.Instance || k == SecretDefinition.Instance),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        if (self.IsDeleting)
        {
            return ControllerPlan.Nothing;
        }

        var by = $"deployment:{self.Namespace}/{self.Name}";
        var own = new ControllerCommands(self, by, context.Cause);
        var d = self.As<V1Deployment>();
        var refs = ControllerRefs.Of(d.Metadata, d.Spec.Selector, Adoption.Candidates(self, view, ReplicaSetDefinition.Instance), o => o);
        if (refs.Adopt.Count + refs.Release.Count > 0)
        {
            // Adopt and release first; the changed replica sets wake this deployment again.
            return new ControllerPlan([.. refs.Adopt.Select(own.Adopt), .. refs.Release.Select(own.Release)], null);
        }

        var change = new TemplateCommands(self, by, context.Cause);
        Func<V1PodTemplateSpec, string?> versions = ConfigPin.IsOn(d) ? t => ConfigPin.Of(t, r => VersionOf(r, self, view)) : ConfigPin.In;
        TimeSpan? rollIn = null;
        ImmutableArray<Finding> findings = [];
        if (!DeploymentFacts.IsPaused(d) && versions(d.Spec.Template) is var pin && pin != ConfigPin.In(d.Spec.Template))
        {
            var pace = ConfigPace.Of(d, context.Now);
            if (pace.Next <= context.Now)
            {
                return new ControllerPlan([change.Pin(pin, ConfigPin.Change(d.Spec.Template, pin), pace.Rolled(context.Now))], null);
            }

            (rollIn, versions) = (pace.Next - context.Now, ConfigPin.In);
            findings = [new Finding("config-rolls", new RecordedEvent("Warning", "ConfigurationRollDelayed",
                $"The configuration has changed {pace.Rolls} times in a row; pods get the next change at {KubeTime.Text(pace.Next)}. Something may write it again and again.", Component), by)];
        }

        var owned = view.Indexed(IndexKey.Owner(self.Uid)).Where(o => o.Kind == ReplicaSetDefinition.Instance).ToList();
        var pods = owned.SelectMany(rs => view.Indexed(IndexKey.Owner(rs.Uid))).Where(o => o.Kind == PodDefinition.Instance);
        var plan = DeploymentPlanner.Plan(
            d, [.. owned.Select(o => o.As<V1ReplicaSet>())], [.. pods.Select(PodOutline.Of)], context.Now, CreationError(context.RejectedCommands), versions);

        if (plan.Rollback is { } rollback)
        {
            return new ControllerPlan([change.Rollback(rollback, owned.Single(o => o.Uid == rollback.To.Uid()))], null);
        }

        var commands = ImmutableArray.CreateBuilder<ObjectCommand>();
        if (plan.CreateReplicaSet is { } created)
        {
            commands.Add(new CreateObject(ReplicaSetDefinition.Instance.Key(self.Namespace, created.Name()), (JsonObject)Models.ToNode(created), by, context.Cause));
        }

        foreach (var scale in plan.Scale)
        {
            var spec = new JsonObject { ["replicas"] = scale.Replicas };
            if (scale.MinReadySeconds is { } minReady)
            {
                spec["minReadySeconds"] = minReady;
            }

            var patch = new JsonObject { ["spec"] = spec };
            if (scale.Annotations.Count > 0)
            {
                patch["metadata"] = new JsonObject { ["annotations"] = Map(scale.Annotations!) };
            }

            commands.Add(new MergeObject(ReplicaSetDefinition.Instance.Key(self.Namespace, scale.Rs.Name()), scale.Rs.Uid(), patch, "scaled", by, context.Cause));
        }

        foreach (var old in plan.Delete)
        {
            commands.Add(new DeleteObject(ReplicaSetDefinition.Instance.Key(self.Namespace, old.Name()), by, context.Cause, ExpectedUid: old.Uid()));
        }

        // The status first: the annotation of the revision says that the status is about it.
        if (plan.Status is not null)
        {
            commands.Add(own.Status(plan.Status));
        }

        if (plan.Annotations.Count > 0)
        {
            commands.Add(new MergeObject(self.Key, self.Uid, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = Map(plan.Annotations) } },
                "progressed", by, context.Cause));
        }

        var recheck = rollIn is { } wait && !(plan.RecheckAfter < wait) ? wait : plan.RecheckAfter;
        return new ControllerPlan(commands.ToImmutable(), recheck)
        {
            Findings = findings,
            PlannedEvents = [.. plan.Events.Select(e => new PlannedEvent(e.ReplicaSet is { } rs ? ReplicaSetDefinition.Instance.Key(self.Namespace, rs) : self.Key, new RecordedEvent(e.Type, e.Reason, e.Message, Component)))],
        };
    }

    /// <inheritdoc/>
    public RecordedEvent? EventFor(RejectedCommand rejected) => rejected.Command is CreateObject create
        ? new RecordedEvent("Warning", "ReplicaSetCreateError", $"Failed to create new replica set \"{create.Key.Name}\": {rejected.Error.Message}", Component)
        : null;

    private static string? VersionOf(ConfigReference reference, KubeObject self, IClusterView view) =>
        view.Find(reference.Kind.Key(self.Namespace, reference.Name)) is { } config ? ConfigVersion.Of(config).Text : null;

    private static ApiError? CreationError(IEnumerable<RejectedCommand> rejected) => rejected.FirstOrDefault(r => r.Command is CreateObject)?.Error;

    private static JsonObject Map(IEnumerable<KeyValuePair<string, string?>> map) =>
        new(map.Select(p => KeyValuePair.Create(p.Key, p.Value is null ? null : (JsonNode?)JsonValue.Create(p.Value))));
}
