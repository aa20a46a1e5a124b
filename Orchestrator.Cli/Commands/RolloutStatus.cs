using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands;

/// <summary>Progress of the rollout of a deployment.</summary>
/// <param name="IsDone">Whether it is complete.</param>
/// <param name="IsFailed">Whether it has exceeded its progress deadline.</param>
/// <param name="Message">What it waits for, or the result.</param>
internal sealed record RolloutStatus(bool IsDone, bool IsFailed, string Message)
{
    public static RolloutStatus Of(JsonObject deployment)
    {
        var name = deployment.Name();
        var isPaused = deployment.Flag("spec", "paused");
        long Count(string field) => deployment.Number("status", field) ?? 0;
        var wanted = deployment.Number("spec", "replicas") ?? 1;
        var (updated, all, available) = (Count("updatedReplicas"), Count("replicas"), Count("availableReplicas"));
        if ((deployment.Number("metadata", "generation") ?? 0) > Count("observedGeneration"))
        {
            return Waiting("Waiting for deployment spec update to be observed...");
        }

        if (deployment.Items("status", "conditions").Any(c => c.Text("type") == "Progressing" && c.Text("reason") == "ProgressDeadlineExceeded"))
        {
            return new(false, true, $"deployment \"{name}\" exceeded its progress deadline: see 'orc describe deploy/{name}' and its pods.");
        }

        var prefix = $"Waiting for deployment \"{name}\" rollout to finish:";
        return updated < wanted ? Waiting($"{prefix} {updated} out of {wanted} new replicas have been updated...{(isPaused ? $" It is paused: 'orc rollout resume deploy/{name}' goes on." : "")}")
            : all > updated ? Waiting($"{prefix} {all - updated} old replicas are pending termination...")
            : available < updated ? Waiting($"{prefix} {available} of {updated} updated replicas are available...")
            : new(true, false, $"deployment \"{name}\" successfully rolled out");
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
