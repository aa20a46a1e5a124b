using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands;

/// <summary>How far a deployment's rollout is.</summary>
/// <param name="IsDone">Nothing is left to do.</param>
/// <param name="IsFailed">It will not get any further by itself.</param>
/// <param name="Message">What it waits for, or how it ended.</param>
internal sealed record RolloutStatus(bool IsDone, bool IsFailed, string Message)
{
    public static RolloutStatus Of(JsonObject deployment)
    {
        var name = deployment.Name();
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
        return updated < wanted ? Waiting($"{prefix} {updated} out of {wanted} new replicas have been updated...")
            : all > updated ? Waiting($"{prefix} {all - updated} old replicas are pending termination...")
            : available < updated ? Waiting($"{prefix} {available} of {updated} updated replicas are available...")
            : new(true, false, $"deployment \"{name}\" successfully rolled out");
    }

    private static RolloutStatus Waiting(string message) => new(false, false, message);
}
