using System.Text.Json.Nodes;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>Defaults of the spec of a job.</summary>
internal static class JobDefaults
{
    public static void Apply(JsonObject spec)
    {
        // Without both, one pod runs once. With parallelism alone, any pod that succeeds ends the job.
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            Set(spec, "completions", 1);
        }

        Set(spec, "parallelism", 1);
        Set(spec, "backoffLimit", spec["backoffLimitPerIndex"] is null ? 6 : int.MaxValue);
        Set(spec, "completionMode", "NonIndexed");
        Set(spec, "suspend", false);
        Set(spec, "manualSelector", false);
        Set(spec, "podReplacementPolicy", spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed");
        if (spec["podFailurePolicy"] is JsonObject policy)
        {
            foreach (var pattern in Items(policy, "rules").SelectMany(rule => Items(rule, "onPodConditions")))
            {
                Set(pattern, "status", "True");
            }
        }
    }
}
