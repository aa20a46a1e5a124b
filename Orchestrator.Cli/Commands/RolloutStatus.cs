using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands;

/// <summary>Progress of the rollout of a deployment, daemon set or stateful set.</summary>
/// <param name="IsDone">Whether it is complete.</param>
/// <param name="IsFailed">Whether it has exceeded its progress deadline.</param>
/// <param name="Message">What it waits for, or the result.</param>
internal sealed record RolloutStatus(bool IsDone, bool IsFailed, string Message)
{
    /// <exception cref="CliException">Its pods are not replaced by a rollout.</exception>
    public static RolloutStatus Of(JsonObject workload)
    {
        long Count(string field) => workload.Number("status", field) ?? 0;
        var kind = workload.Text("kind") ?? "Deployment";
        var (noun, name, wanted) = (kind.ToLowerInvariant(), workload.Name(), workload.Number("spec", "replicas") ?? 1);
        if (workload.Text("spec", "updateStrategy", "type") == "OnDelete")
        {
            throw new CliException($"{noun} \"{name}\" has the strategy OnDelete: its pods are updated when they are deleted, so there is no rollout to wait for.");
        }

        if ((workload.Number("metadata", "generation") ?? 0) > Count("observedGeneration"))
        {
            return Waiting($"Waiting for {noun} spec update to be observed...");
        }

        return kind switch
        {
            "DaemonSet" => Of(noun, name, "pods", Count("desiredNumberScheduled"), Count("updatedNumberScheduled"), 0, Count("desiredNumberScheduled"), Count("numberAvailable")),
            // Pods below the partition keep their template (StatefulSets, "Partitioned rolling updates").
            "StatefulSet" => Of(noun, name, "pods", Math.Max(0, wanted - (workload.Number("spec", "updateStrategy", "rollingUpdate", "partition") ?? 0)),
                Count("updatedReplicas"), 0, wanted, Count("availableReplicas")),
            _ when workload.Items("status", "conditions").Any(c => c.Text("type") == "Progressing" && c.Text("reason") == "ProgressDeadlineExceeded") =>
                new(false, true, $"deployment \"{name}\" exceeded its progress deadline: see 'orc describe deploy/{name}' and its pods."),
            _ => Of(noun, name, "replicas", wanted, Count("updatedReplicas"), Count("replicas") - Count("updatedReplicas"), Count("updatedReplicas"), Count("availableReplicas"),
                workload.Flag("spec", "paused") ? $" It is paused: 'orc rollout resume deploy/{name}' goes on." : ""),
        };
    }

    private static RolloutStatus Of(string noun, string name, string pods, long wanted, long updated, long old, long all, long available, string more = "")
    {
        var prefix = $"Waiting for {noun} \"{name}\" rollout to finish:";
        return updated < wanted ? Waiting($"{prefix} {updated} out of {wanted} new {pods} have been updated...{more}")
            : old > 0 ? Waiting($"{prefix} {old} old {pods} are pending termination...")
            : available < all ? Waiting($"{prefix} {available} of {all} updated {pods} are available...")
            : new(true, false, $"{noun} \"{name}\" successfully rolled out");
    }

    /// <summary>Why a pod is not ready, from its container states and conditions; null if it is ready.</summary>
    public static string? Obstacle(JsonObject pod) => Why(pod) is { } why
        ? string.Join(": ", new[] { pod.Name(), why.Text("reason"), why.Text("message") }.Where(t => t is { Length: > 0 })) : null;

    /// <summary>Why a pod is not ready in one word; null if it is ready or has no reason.</summary>
    public static string? Reason(JsonObject pod) => Why(pod).Text("reason");

    private static JsonNode? Why(JsonObject pod)
    {
        var stuck = pod.Items("status", "initContainerStatuses").Concat(pod.Items("status", "containerStatuses"))
            .Select(c => c.At("state", "waiting") ?? c.At("state", "terminated")).FirstOrDefault(s => s.Text("reason") is { Length: > 0 } and not "Completed");
        var unmet = pod.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == "PodScheduled" && c.Text("status") == "False")
            ?? pod.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == "Ready" && c.Text("status") == "False");
        return stuck ?? unmet;
    }

    private static RolloutStatus Waiting(string message) => new(false, false, message);
}
