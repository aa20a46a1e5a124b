using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>Keeps what is known of containers that somebody else removed from the runtime, so that a run is counted once and what has ended stays ended
/// (the kubelet: ContainerStatusUnknown). Pure.</summary>
internal static class ContainerRecords
{
    /// <summary>Reason of a container that ran and was removed before its end was seen.</summary>
    public const string Unknown = "ContainerStatusUnknown";

    private const int UnknownExitCode = 137;
    private const string Removed = "The container was removed from the runtime before its end was seen.";

    // No sandbox has this id.
    private const string LostSandbox = "";

    /// <summary>Adds the last two attempts of each container that were known before and are not in the runtime any more.</summary>
    /// <param name="observed">What the runtime shows.</param>
    /// <param name="before">What was known before.</param>
    /// <param name="now">Counts as the end of a container that ran.</param>
    public static RuntimePodStatus? Completed(RuntimePodStatus? observed, RuntimePodStatus? before, DateTimeOffset now)
    {
        if (before is null)
        {
            return observed;
        }

        ImmutableArray<RuntimeContainerStatus> shown = observed?.Containers ?? [];
        ImmutableArray<RuntimeContainerStatus> lost =
        [
            .. before.Containers.Where(b => b.State != ContainerState.Created
                && !shown.Any(s => s.Name == b.Name && s.Attempt == b.Attempt) && !shown.Concat(before.Containers).Any(s => s.Name == b.Name && s.Attempt > b.Attempt + 1))
                .Select(b => Ended(b, observed, now)),
        ];
        return lost.IsEmpty ? observed : (observed ?? before with { Ip = null, IsSandboxRunning = false, SandboxId = null }) with { Containers = [.. shown, .. lost] };
    }

    /// <summary>What the status of a pod says about its containers, for an agent that has not seen them; null if it says nothing.</summary>
    /// <param name="pod">The pod as it is stored.</param>
    /// <param name="runtimeKeeps">Whether containers outlive the agent. If not, only the end of the pod is of use.</param>
    public static RuntimePodStatus? Reported(KubeObject pod, bool runtimeKeeps)
    {
        if (pod.ToNode()["status"] is not JsonObject status || (!runtimeKeeps && pod.Phase is not ("Succeeded" or "Failed")))
        {
            return null;
        }

        ImmutableArray<RuntimeContainerStatus> containers =
            [.. ((string[])["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"]).SelectMany(l => status[l] as JsonArray ?? []).OfType<JsonObject>().Select(Container).OfType<RuntimeContainerStatus>()];
        return containers.IsEmpty ? null : new RuntimePodStatus(pod.Uid, pod.Namespace, pod.Name, null, false, containers);
    }

    // What was only reported belongs to the sandbox that runs: the agent creates another one only after the containers have ended.
    private static RuntimeContainerStatus Ended(RuntimeContainerStatus known, RuntimePodStatus? observed, DateTimeOffset now)
    {
        var placed = known with { SandboxId = known.SandboxId ?? (observed is { IsSandboxRunning: true } ? observed.SandboxId : LostSandbox) };
        return placed.State == ContainerState.Exited ? placed
            : placed with { State = ContainerState.Exited, FinishedAt = now, ExitCode = UnknownExitCode, Reason = Unknown, TerminationMessage = Removed };
    }

    // While a container waits for its next attempt, the last one is in lastState.
    private static RuntimeContainerStatus? Container(JsonObject status)
    {
        var state = status["state"];
        var ended = state?["terminated"] ?? (state?["waiting"] is not null ? status["lastState"]?["terminated"] : null);
        if (ended is null && state?["running"] is null)
        {
            return null;
        }

        var reason = (string?)ended?["reason"];
        return new RuntimeContainerStatus((string)status["name"]!, Id((string?)ended?["containerID"] ?? (string?)status["containerID"]), (int?)status["restartCount"] ?? 0,
            ended is null ? ContainerState.Running : ContainerState.Exited, (string?)status["image"] ?? "", (string?)status["imageID"] ?? "",
            Time(ended?["startedAt"] ?? state?["running"]?["startedAt"]), Time(ended?["finishedAt"]), (int?)ended?["exitCode"] ?? 0, reason == PodStatusBuilder.OutOfMemory,
            (string?)ended?["message"], null, reason is PodStatusBuilder.OutOfMemory or PodStatusBuilder.Completed or PodStatusBuilder.Error ? null : reason);
    }

    private static string Id(string? text) => text?[(text.IndexOf("://", StringComparison.Ordinal) is var at && at < 0 ? 0 : at + 3)..] ?? "";

    private static DateTimeOffset? Time(JsonNode? text) =>
        (string?)text is { } said && KubeTime.Read(said) is { } time && time > DateTimeOffset.UnixEpoch ? time : null;
}
