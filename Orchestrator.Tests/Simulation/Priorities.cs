using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.PriorityClasses;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Scheduling;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Tests.Simulation;

/// <summary>Worlds whose users want more than the nodes have: pods of different priorities, two of which fit on a node.</summary>
internal class WithPriorities : Parts
{
    private const long Cpu = 1_500;
    private static readonly string?[] Classes = [null, "low", "high", "meek"];
    private readonly Dictionary<string, int> _priorities = [];

    public override IEnumerable<(ResourceDefinition Kind, JsonObject Object)> Fixtures =>
    [
        (PriorityClassDefinition.Instance, Class("low", 10, "PreemptLowerPriority")),
        (PriorityClassDefinition.Instance, Class("high", 100, "PreemptLowerPriority")),
        (PriorityClassDefinition.Instance, Class("meek", 50, "Never")),
    ];

    public override void Want(World world, ResourceDefinition kind, JsonObject o)
    {
        var pod = (JsonObject)(o["spec"]!["template"]?["spec"] ?? o["spec"]!);
        pod["priorityClassName"] = Classes[world.Random.Next(Classes.Length)];
        pod["containers"]![0]!["resources"]!["requests"]!["cpu"] = $"{Cpu}m";
    }

    /// <summary>Nobody goes for a pod that is not more important.</summary>
    public override void Stored(World world, StoredEvent stored)
    {
        if (stored.After is not { } pod || pod.Kind != PodDefinition.Instance)
        {
            return;
        }

        var info = PodInfo.Of(pod);
        _priorities[pod.Uid] = info.Preempts ? info.Priority : int.MinValue;
        if (stored.Event.Verb == "preempted" && stored.Event.RecordedEvents.Select(r => r.Message.Split(' ')).FirstOrDefault(m => m is ["Preempted", ..]) is [_, _, _, var uid, ..]
            && _priorities[uid] <= info.Priority)
        {
            throw new SimulationViolation($"{pod.Key} goes for pod {uid}, which is not more important");
        }
    }

    public override string? Lacks(World world, KubeObject o, string? usual)
    {
        if (usual is null)
        {
            return null;
        }

        return o.Kind == PodDefinition.Instance && o.NodeName is null or "" ? Waits(world, o)
            : o.Kind == DeploymentDefinition.Instance && Sets(world, o).Any(rs => HasWaiting(world, rs)) ? null
            : o.Kind == ReplicaSetDefinition.Instance && HasWaiting(world, o) && Pods(world, o).Count() == (o.As<V1ReplicaSet>().Spec.Replicas ?? 1) ? null
            : usual;
    }

    // A pod may wait where not even those of lower priority have the room that it needs.
    private static string? Waits(World world, KubeObject o)
    {
        var pod = PodInfo.Of(o);
        var roomy = world.Journal.Of(NodeDefinition.Instance).FirstOrDefault(n => world.Journal.Of(PodDefinition.Instance)
            .Where(p => p.NodeName == n.Name && p.Phase is not ("Succeeded" or "Failed")).Select(PodInfo.Of).Where(p => !pod.Preempts || p.Priority >= pod.Priority).Sum(p => p.Requests.Cpu) <= 4_000 - Cpu);
        return roomy is not null ? $"{o.Key} of priority {pod.Priority} waits, and {roomy.Name} has room for it"
            : o.As<V1Pod>().Status?.Conditions?.Any(c => c.Type == "PodScheduled" && c.Status == "False") != true ? $"{o.Key} waits and does not say so" : null;
    }

    private static IEnumerable<KubeObject> Sets(World world, KubeObject d) => world.Journal.Of(ReplicaSetDefinition.Instance).Where(r => r.Controller?.Uid == d.Uid);

    private static IEnumerable<KubeObject> Pods(World world, KubeObject rs) => world.Journal.Of(PodDefinition.Instance).Where(p => p.Controller?.Uid == rs.Uid && PodOutline.Of(p).IsActive);

    private static bool HasWaiting(World world, KubeObject rs) => Pods(world, rs).Any(p => p.NodeName is null or "");

    private static JsonObject Class(string name, int value, string policy) => new() { ["metadata"] = new JsonObject { ["name"] = name }, ["value"] = value, ["preemptionPolicy"] = policy };
}

/// <summary>A bug: a pod that has to go for another one stays.</summary>
internal sealed class SparesVictims : WithPriorities
{
    public override Decision Decide(ResourceDefinition kind, KubeObject? state, ObjectCommand command, DecideContext context) =>
        command is DeleteObject { By.Name: "system:scheduler" } ? Decision.NoOp : base.Decide(kind, state, command, context);
}
