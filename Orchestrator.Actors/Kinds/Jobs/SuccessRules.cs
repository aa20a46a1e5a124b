using System.Globalization;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>When the <c>successPolicy</c> of an indexed job is satisfied before all indexes are done (Kubernetes, "Jobs", "Success policy").</summary>
internal static class SuccessRules
{
    /// <summary>Returns the success of a job; null if no rule is satisfied.</summary>
    /// <param name="job">The job.</param>
    /// <param name="succeeded">Indexes that are done.</param>
    public static JobOutcome? Success(V1Job job, CompletionIndexes succeeded)
    {
        var rules = job.Spec.SuccessPolicy?.Rules ?? [];
        for (var i = 0; i < rules.Count && succeeded.Count > 0; i++)
        {
            if (IsSatisfied(rules[i], succeeded, job.Spec.Completions ?? 0))
            {
                return new JobOutcome(JobConditions.SuccessCriteriaMet, "SuccessPolicy", string.Create(CultureInfo.InvariantCulture, $"Matched rules at index {i}"));
            }
        }

        return null;
    }

    private static bool IsSatisfied(V1SuccessPolicyRule rule, CompletionIndexes succeeded, int completions)
    {
        if (rule.SucceededIndexes is null)
        {
            return succeeded.Count >= rule.SucceededCount;
        }

        var wanted = CompletionIndexes.Parse(rule.SucceededIndexes, completions) ?? CompletionIndexes.None;
        var done = wanted.CountIn(succeeded);
        return wanted.Count > 0 && (done == wanted.Count || done >= rule.SucceededCount);
    }
}
