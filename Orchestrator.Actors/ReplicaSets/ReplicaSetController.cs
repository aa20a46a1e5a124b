using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Pods;

namespace Orchestrator.Actors.ReplicaSets;

/// <summary>Turns the plan of <see cref="ReplicaSetPlanner"/> into commands to pods and to the replica set itself.</summary>
public sealed class ReplicaSetController : IController
{
    private const string Component = "replicaset-controller";

    /// <inheritdoc/>
    public KindInfo Kind => Kinds.ReplicaSet;

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var rs = self.As<V1ReplicaSet>();
        var pods = view.Indexed(IndexKey.Owner(self.Uid))
            .Concat(view.Indexed(IndexKey.Orphans(Kinds.Pod, self.Namespace)))
            .Where(o => o.Kind == Kinds.Pod)
            .DistinctBy(o => o.Name)
            .Select(PodOutline.Of)
            .ToList();
        var plan = ReplicaSetPlanner.Plan(rs, pods, context.Now);
        if (self.IsDeleting)
        {
            plan = plan with { CreateCount = 0, Delete = [] };
        }

        var by = $"replicaset:{self.Namespace}/{self.Name}";
        var commands = ImmutableArray.CreateBuilder<ObjectCommand>();
        var notes = ImmutableArray.CreateBuilder<EventNote>();
        var template = plan.CreateCount > 0 ? Template(rs) : [];
        for (var i = 0; i < plan.CreateCount; i++)
        {
            var name = $"{self.Name}-{context.NewSuffix()}";
            commands.Add(new CreateObject(Kinds.Pod.Key(self.Namespace, name), template, by, context.Cause));
            notes.Add(new EventNote("Normal", "SuccessfulCreate", $"Created pod: {name}", Component));
        }

        foreach (var pod in plan.Delete)
        {
            commands.Add(new DeleteObject(Kinds.Pod.Key(self.Namespace, pod.Name()), by, context.Cause, ExpectedUid: pod.Uid()));
            notes.Add(new EventNote("Normal", "SuccessfulDelete", $"Deleted pod: {pod.Name()}", Component));
        }

        foreach (var pod in plan.Adopt)
        {
            var owners = (pod.Metadata.OwnerReferences ?? []).Append(Claims.ReferenceTo(Kinds.ReplicaSet.ApiVersion, Kinds.ReplicaSet.Kind, rs.Metadata));
            commands.Add(Owned(self, pod, "adopted", [.. owners], by, context.Cause));
        }

        foreach (var pod in plan.Release)
        {
            commands.Add(Owned(self, pod, "released", [.. pod.Metadata.OwnerReferences.Where(o => o.Uid != self.Uid)], by, context.Cause));
        }

        if (plan.Status is not null)
        {
            var status = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = self.Uid }, ["status"] = ToNode(plan.Status) };
            commands.Add(new ReplaceObject(self.Key, status, "status", 0, by, context.Cause));
        }

        if (notes.Count > 0)
        {
            commands.Add(new MergeObject(self.Key, self.Uid, [], "scaled", by, context.Cause, Notes: notes.ToImmutable()));
        }

        return new ControllerPlan(commands.ToImmutable(), plan.RecheckAfter);
    }

    // Completed once for all pods of the plan: whoever takes the command copies it.
    private static JsonObject Template(V1ReplicaSet rs)
    {
        var pod = ToNode(ReplicaSetPlanner.NewPod(rs));
        PodAdmission.Complete(JsonFilling.Child(pod, "spec"));
        JsonFilling.Unfold(pod);
        return pod;
    }

    private static MergeObject Owned(KubeObject self, V1Pod pod, string verb, List<V1OwnerReference> owners, string by, long cause) =>
        new(Kinds.Pod.Key(self.Namespace, pod.Name()), pod.Uid(),
            new JsonObject { ["metadata"] = new JsonObject { ["ownerReferences"] = JsonNode.Parse(KubernetesJson.Serialize(owners)) } }, verb, by, cause);

    private static JsonObject ToNode(object model) => (JsonObject)JsonNode.Parse(KubernetesJson.Serialize(model))!;
}
