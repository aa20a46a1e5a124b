using System.Globalization;
using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>What the <c>podFailurePolicy</c> of a job says of a failed pod: the first rule that matches decides (Kubernetes, "Jobs", "Pod failure policy").</summary>
/// <param name="Action">Action of the rule that matches; null if none does.</param>
/// <param name="FailsJob">Why the job fails; null if it does not.</param>
internal sealed record PodFailureRules(string? Action, string? FailsJob)
{
    private static readonly PodFailureRules None = new(null, null);

    /// <summary>Whether the failure counts against the back-off limits.</summary>
    public bool IsCounted => Action != "Ignore";

    /// <summary>Whether the index of the pod fails, whatever its back-off limit.</summary>
    public bool FailsIndex => Action == "FailIndex";

    /// <summary>Returns what the job's policy says of a failed pod.</summary>
    public static PodFailureRules Of(V1Job job, PodOutline pod)
    {
        if (job.Spec.PodFailurePolicy?.Rules is not { Count: > 0 } rules)
        {
            return None;
        }

        var failed = pod.Object.As<V1Pod>();
        var name = $"{failed.Metadata.NamespaceProperty}/{failed.Metadata.Name}";
        for (var i = 0; i < rules.Count; i++)
        {
            var what = rules[i].OnExitCodes is { } codes
                ? Container(failed.Status, codes) is { } c ? string.Create(CultureInfo.InvariantCulture, $"Container {c.Name} for pod {name} failed with exit code {c.State.Terminated.ExitCode}") : null
                : Condition(failed.Status, rules[i].OnPodConditions) is { } condition ? $"Pod {name} has condition {condition.Type}" : null;
            if (what is not null)
            {
                return new PodFailureRules(rules[i].Action, rules[i].Action == "FailJob" ? string.Create(CultureInfo.InvariantCulture, $"{what} matching FailJob rule at index {i}") : null);
            }
        }

        return None;
    }

    /// <summary>Returns the failure of a job with a failed pod that must fail it; null if there is none.</summary>
    public static JobOutcome? Failure(V1Job job, JobPods pods) => job.Spec.PodFailurePolicy is null ? null
        : pods.Owned.Where(p => JobFacts.HasFailed(job, p)).OrderBy(p => p.Object.Name, StringComparer.Ordinal).Select(p => Of(job, p).FailsJob).FirstOrDefault(m => m is not null) is { } message
            ? JobOutcome.Failure("PodFailurePolicy", message) : null;

    // A container that ended well fails no pod.
    private static V1ContainerStatus? Container(V1PodStatus? status, V1PodFailurePolicyOnExitCodesRequirement codes) =>
        (status?.ContainerStatuses ?? []).Concat(status?.InitContainerStatuses ?? []).FirstOrDefault(c =>
            (codes.ContainerName is null || codes.ContainerName == c.Name) && c.State?.Terminated?.ExitCode is { } code and not 0 && codes.Values.Contains(code) == (codes.OperatorProperty == "In"));

    private static V1PodCondition? Condition(V1PodStatus? status, IList<V1PodFailurePolicyOnPodConditionsPattern>? patterns) =>
        status?.Conditions?.FirstOrDefault(c => patterns?.Any(p => p.Type == c.Type && (p.Status ?? "True") == c.Status) == true);
}
