using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>The node controller: gives nodes their pod addresses, turns conditions into taints, and evicts pods that do not tolerate a NoExecute taint, after their toleration time.</summary>
/// <param name="ranges">The ranges of pod addresses; null to give none.</param>
/// <remarks>Rules: Kubernetes, "Taints and Tolerations", taint-based evictions.</remarks>
public sealed class NodeController(PodRanges? ranges = null) : IController
{
    private const string By = "system:node-controller";
    private const long DefaultTolerationSeconds = 300;
    private const string NotReady = "node.kubernetes.io/not-ready";
    private const string Unreachable = "node.kubernetes.io/unreachable";

    /// <inheritdoc/>
    public ResourceDefinition Kind => NodeDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        // The pods of the node, if it is not ready or has a NoExecute taint.
        new(o => o.NodeName is { Length: > 0 } node ? new("", node) : null,
            (concern, view) => view.Find(NodeDefinition.Instance.Key(null, concern.Name)) is { } node && NeedsCare(node) ? [node.Key] : []),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        if (ranges is null || PodRangePlanner.Plan(self, ranges, view, context.Cause) is not { } addressed)
        {
            return Care(self, view, context);
        }

        if (!addressed.Commands.IsEmpty)
        {
            return addressed;
        }

        var care = Care(self, view, context);
        return care with { Findings = [.. care.Findings, .. addressed.Findings], RecheckAfter = care.RecheckAfter < addressed.RecheckAfter ? care.RecheckAfter : addressed.RecheckAfter };
    }

    private static ControllerPlan Care(KubeObject self, IClusterView view, PlanContext context)
    {
        var node = self.As<V1Node>();
        var commands = ImmutableArray.CreateBuilder<ObjectCommand>();
        var taints = Taints(self, node, context.Now);
        if (taints is not null)
        {
            commands.Add(new MergeObject(self.Key, self.Uid, new JsonObject { ["spec"] = new JsonObject { ["taints"] = taints } },
                "tainted", By, context.Cause));
            return new ControllerPlan(commands.ToImmutable(), null);
        }

        var (isReady, lostAt) = (ReadyStatus(node) == "True", LostAt(node));
        TimeSpan? recheck = null;
        var noExecute = (node.Spec?.Taints ?? []).Where(t => t.Effect == "NoExecute").ToList();
        if (isReady && noExecute.Count == 0)
        {
            return ControllerPlan.Nothing;
        }

        foreach (var pod in view.Indexed(IndexKey.Node(self.Name)))
        {
            // While the agent is connected, only it reports the status of its pods.
            if (lostAt is { } since && Unready(pod, since, context) is { } unready)
            {
                commands.Add(unready);
            }

            if (pod.IsDeleting || noExecute.Count == 0 || EvictionDelay(pod.As<V1Pod>(), noExecute, context.Now) is not { } left)
            {
                continue;
            }

            if (left <= TimeSpan.Zero)
            {
                var message = $"Taint manager deletes pod {pod.Namespace}/{pod.Name}: it does not tolerate {string.Join(", ", noExecute.Select(t => t.Key))}";
                var target = DisruptionTarget.Patch("DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", context.Now);
                commands.Add(new MergeObject(pod.Key, pod.Uid, target, "evicted", By, context.Cause,
                    RecordedEvents: [new RecordedEvent("Normal", "TaintManagerEviction", message, "taint-eviction-controller")]));
                commands.Add(new DeleteObject(pod.Key, By, context.Cause, ExpectedUid: pod.Uid));
            }
            else
            {
                recheck = recheck is { } r && r < left ? r : left;
            }
        }

        return new ControllerPlan(commands.ToImmutable(), recheck);
    }

    /// <summary>Returns the time until a pod is evicted; null if it is not evicted.</summary>
    internal static TimeSpan? EvictionDelay(V1Pod pod, IReadOnlyList<V1Taint> noExecute, DateTimeOffset now)
    {
        TimeSpan? shortest = null;
        foreach (var taint in noExecute)
        {
            var matching = (pod.Spec.Tolerations ?? []).Where(t => Tolerations.Matches(t, taint)).ToList();
            if (matching.Count == 0)
            {
                // A pod without a toleration gets the one that Kubernetes' admission plugin DefaultTolerationSeconds adds.
                if (taint.Key is not (NotReady or Unreachable))
                {
                    return TimeSpan.Zero;
                }

                matching.Add(new V1Toleration { TolerationSeconds = DefaultTolerationSeconds });
            }

            if (matching.Any(t => t.TolerationSeconds is null))
            {
                continue;
            }

            var since = taint.TimeAdded is { } added ? new DateTimeOffset(DateTime.SpecifyKind(added, DateTimeKind.Utc)) : now;
            var left = Seconds.After(since, matching.Min(t => Math.Max(0, t.TolerationSeconds!.Value))) - now;
            shortest = shortest is { } s && s < left ? s : left;
        }

        return shortest;
    }

    private static bool NeedsCare(KubeObject node) => node.As<V1Node>() is var n
        && (n.Spec?.Taints?.Any(t => t.Effect == "NoExecute") == true || n.Status?.Conditions?.Any(c => c.Type == "Ready" && c.Status != "True") == true);

    private static DateTimeOffset? LostAt(V1Node node) => node.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready") is { Status: "Unknown" } ready
        ? ready.LastTransitionTime is { } at ? new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)) : DateTimeOffset.MaxValue
        : null;

    private static string? ReadyStatus(V1Node node) => node.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready")?.Status;

    /// <summary>Returns the <c>spec.taints</c> for the conditions of a node; null if they are set already.</summary>
    private static JsonArray? Taints(KubeObject self, V1Node node, DateTimeOffset now)
    {
        var key = ReadyStatus(node) switch { "True" => null, "Unknown" => Unreachable, _ => NotReady };
        var wanted = new HashSet<(string, string)>();
        if (key is not null)
        {
            wanted.Add((key, "NoSchedule"));
            wanted.Add((key, "NoExecute"));
        }

        wanted.UnionWith(NodeConditions.Shortages(node).Select(taint => (taint, "NoSchedule")));
        if (node.Spec?.Unschedulable == true)
        {
            wanted.Add(("node.kubernetes.io/unschedulable", "NoSchedule"));
        }

        var present = (node.Spec?.Taints ?? []).Select(t => (t.Key, t.Effect)).Where(t => IsOurs(t.Key)).ToHashSet();
        if (wanted.SetEquals(present) && (node.Spec?.Taints ?? []).All(t => t.Effect != "NoExecute" || t.TimeAdded is not null))
        {
            return null;
        }

        var kept = (self.ToNode()["spec"]?["taints"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(t => (string?)t["key"] is var k && (!IsOurs(k ?? "") || wanted.Contains((k!, (string?)t["effect"] ?? ""))))
            .Select(t => Stamped((JsonObject)t.DeepClone(), now));
        var added = wanted.Except(present).Order()
            .Select(t => (JsonNode)new JsonObject { ["key"] = t.Item1, ["effect"] = t.Item2, ["timeAdded"] = KubeTime.Text(now) });
        return [.. kept, .. added];
    }

    // The toleration time starts when a taint is first seen, because clients do not set timeAdded.
    private static JsonNode Stamped(JsonObject taint, DateTimeOffset now)
    {
        if ((string?)taint["effect"] == "NoExecute")
        {
            taint["timeAdded"] ??= KubeTime.Text(now);
        }

        return taint;
    }

    private static bool IsOurs(string key) => key is NotReady or Unreachable or "node.kubernetes.io/unschedulable" || NodeConditions.IsShortage(key);

    // A pod on an unreachable node is not ready: services must not send traffic to it. One that became ready since was reported by its agent, which is
    // back and will report the node too; to contradict it would be contradicted at once, again and again.
    private static MergeObject? Unready(KubeObject pod, DateTimeOffset lostAt, PlanContext context)
    {
        var conditions = pod.ToNode()["status"]?["conditions"] as JsonArray;
        if (conditions?.OfType<JsonObject>().FirstOrDefault(c => c["type"]?.GetValue<string>() == "Ready") is not { } ready
            || ready["status"]?.GetValue<string>() != "True"
            || ((string?)ready["lastTransitionTime"] is { } text && KubeTime.Read(text) > lostAt))
        {
            return null;
        }

        ready["status"] = "False";
        ready["lastTransitionTime"] = KubeTime.Text(context.Now);
        return new MergeObject(pod.Key, pod.Uid, new JsonObject { ["status"] = new JsonObject { ["conditions"] = conditions.DeepClone() } },
            "unready", By, context.Cause, RecordedEvents: [new RecordedEvent("Warning", "NodeNotReady", "Node is not ready", "node-controller")]);
    }
}
