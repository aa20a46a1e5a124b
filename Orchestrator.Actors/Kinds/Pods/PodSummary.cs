using System.Globalization;
using Orchestrator.Actors.Api.Tables;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>The columns of a pod in <c>kubectl get pods</c> (Kubernetes: <c>printPod</c>). Pure.</summary>
/// <param name="Ready">Number of ready containers and of all containers, with sidecars: <c>1/2</c>.</param>
/// <param name="Status">The most specific status: the phase, the reason of a container, or the progress of the init containers.</param>
/// <param name="Restarts">Restarts of the containers that the status refers to.</param>
/// <param name="LastRestart">Time at which the latest previous attempt ended; null if there is none.</param>
internal sealed record PodSummary(string Ready, string Status, int Restarts, DateTime? LastRestart)
{
    private const string Running = "Running";

    /// <summary>Creates the summary of a pod.</summary>
    public static PodSummary Of(V1Pod pod)
    {
        var sidecars = pod.Spec.Sidecars().Select(c => c.Name).ToHashSet();
        var inits = pod.Status?.InitContainerStatuses ?? [];
        var mains = pod.Status?.ContainerStatuses ?? [];
        var total = sidecars.Count + pod.Spec.Containers.Count;
        var ready = inits.TakeWhile(c => IsPassed(c, sidecars)).Count(c => sidecars.Contains(c.Name) && c.Started == true && c.Ready);
        if (Hindrance(pod, inits, sidecars) is { } hindrance && !IsTrue(pod, "Initialized"))
        {
            return Summary(hindrance, inits);
        }

        var status = pod.Status?.Reason is { Length: > 0 } said ? said
            : pod.Status?.Conditions?.Any(c => c is { Type: "PodScheduled", Reason: SchedulingGates.Reason }) == true ? SchedulingGates.Reason
            : pod.Status?.Phase ?? "Pending";
        var running = 0;
        foreach (var container in mains.Reverse())
        {
            if (container.State?.Waiting?.Reason is { Length: > 0 } waiting)
            {
                status = waiting;
            }
            else if (container.State?.Terminated is { } ended)
            {
                status = Words(ended);
            }
            else if (container.Ready && container.State?.Running is not null)
            {
                running++;
            }
        }

        ready += running;
        if (status == "Completed" && running > 0)
        {
            status = IsTrue(pod, "Ready") ? Running : "NotReady";
        }

        return Summary(status, inits.Where(c => sidecars.Contains(c.Name)).Concat(mains));

        PodSummary Summary(string text, IEnumerable<V1ContainerStatus> counted) => new(
            string.Create(CultureInfo.InvariantCulture, $"{ready}/{total}"),
            pod.Metadata.DeletionTimestamp is not null && pod.Status?.Phase is not ("Succeeded" or "Failed") ? "Terminating" : text,
            counted.Sum(c => c.RestartCount), counted.Max(c => c.LastState?.Terminated?.FinishedAt));
    }

    /// <summary>The text of the column RESTARTS: <c>3 (2m ago)</c>.</summary>
    public string RestartsAt(DateTimeOffset now)
    {
        var count = Restarts.ToString(CultureInfo.InvariantCulture);
        return Restarts == 0 || LastRestart is null ? count : $"{count} ({Age.Of(LastRestart, now)} ago)";
    }

    // The init container that the others wait for.
    private static string? Hindrance(V1Pod pod, IList<V1ContainerStatus> inits, HashSet<string> sidecars)
    {
        var at = inits.ToList().FindIndex(c => !IsPassed(c, sidecars));
        return at < 0 ? null : inits[at].State switch
        {
            { Terminated: { } ended } => $"Init:{Words(ended)}",
            { Waiting.Reason: { Length: > 0 } reason } when reason != "PodInitializing" => $"Init:{reason}",
            _ => string.Create(CultureInfo.InvariantCulture, $"Init:{at}/{pod.Spec.InitContainers.Count}"),
        };
    }

    private static bool IsPassed(V1ContainerStatus init, HashSet<string> sidecars) =>
        init.State?.Terminated is { ExitCode: 0 } || (sidecars.Contains(init.Name) && init.Started == true);

    private static string Words(V1ContainerStateTerminated ended) =>
        ended.Reason is { Length: > 0 } reason ? reason
        : ended.Signal is > 0 ? string.Create(CultureInfo.InvariantCulture, $"Signal:{ended.Signal}")
        : string.Create(CultureInfo.InvariantCulture, $"ExitCode:{ended.ExitCode}");

    private static bool IsTrue(V1Pod pod, string condition) => pod.Status?.Conditions?.Any(c => c.Type == condition && c.Status == "True") == true;
}
