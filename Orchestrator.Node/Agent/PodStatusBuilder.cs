using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Pods;
using k8s.Models;

namespace Orchestrator.Node.Agent;

/// <summary>Builds the fields of PodStatus that the kubelet owns from the status in the runtime. Pure.</summary>
internal static class PodStatusBuilder
{
    /// <summary>Reason of a container that was killed because it reached its memory limit.</summary>
    public const string OutOfMemory = "OOMKilled";

    /// <summary>Reason of a container that ended with exit code 0.</summary>
    public const string Completed = "Completed";

    /// <summary>Reason of a container that ended with another exit code.</summary>
    public const string Error = "Error";

    /// <summary>The complete new status of the pod.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="observed">Its status in the runtime.</param>
    /// <param name="memory">State that the agent keeps in memory.</param>
    /// <param name="old">Its current status; conditions of other owners and transition times are kept.</param>
    /// <param name="hostIps">Addresses of the node.</param>
    /// <param name="runtime">Name of the runtime, the scheme of container ids.</param>
    /// <param name="now">Transition time of conditions that change.</param>
    public static JsonObject Build(KubeObject pod, RuntimePodStatus? observed, PodMemory memory, JsonObject old, IReadOnlyList<string> hostIps, string runtime, DateTimeOffset now)
    {
        var spec = PodSpecs.Of(pod);
        var inits = (spec.InitContainers ?? []).Select(c => Container(c, observed, memory[c.Name], runtime, isPlainInit: !c.IsSidecar(), pod.Phase is "Succeeded" or "Failed", "PodInitializing")).ToList();
        var isInitialized = PodPlanner.IsInitialized(spec, observed, memory);
        var mains = spec.Containers.Select(c => Container(c, observed, memory[c.Name], runtime, isPlainInit: false, pod.Phase is "Succeeded" or "Failed", isInitialized ? "ContainerCreating" : "PodInitializing")).ToList();
        var phase = Phase(pod.Phase, spec, observed, memory, isInitialized);
        var lasting = inits.Where((_, i) => spec.InitContainers![i].IsSidecar()).Concat(mains).ToList();
        var areReady = phase == "Running" && !memory.IsRuntimeDown && lasting.TrueForAll(c => c["ready"]!.GetValue<bool>());
        var unmet = areReady ? Unmet(spec, old["conditions"] as JsonArray ?? []) : null;
        var isReady = areReady && unmet is null;

        var status = (JsonObject)old.DeepClone();
        status["phase"] = phase;
        status["hostIP"] = hostIps[0];
        status["hostIPs"] = List(hostIps);
        if (observed?.IsSandboxRunning == true && (spec.HostNetwork == true ? hostIps : observed.Ips) is [var ip, ..] ips)
        {
            status["podIP"] = ip;
            status["podIPs"] = List(ips);
        }

        if (phase == "Failed" && memory.Failure is { } failure)
        {
            (status["reason"], status["message"]) = (failure.Reason, failure.Message);
        }

        status["startTime"] ??= KubeTime.Text(now);
        status["qosClass"] = QosClass.Of(spec);
        status["conditions"] = Conditions(old["conditions"] as JsonArray ?? [], now, [.. memory.Failure is { IsDisruption: true } disruption ? (JsonObject[])[Disrupted(disruption, now)] : [], .. PodResize.Conditions(spec, observed, memory, old["conditions"] as JsonArray ?? [], now)],
            ("PodReadyToStartContainers", observed?.IsSandboxRunning == true && phase is not ("Succeeded" or "Failed"), null, null),
            ("Initialized", isInitialized || phase == "Succeeded", isInitialized ? null : "ContainersNotInitialized", NotInitializedMessage(spec, observed, memory)),
            ("Ready", isReady, unmet is null ? NotReadyReason(phase, isReady) : "ReadinessGatesNotReady", unmet ?? NotReadyMessage(phase, lasting, memory)),
            ("ContainersReady", areReady, NotReadyReason(phase, areReady), NotReadyMessage(phase, lasting, memory)));
        status["containerStatuses"] = new JsonArray([.. mains]);
        if (inits.Count > 0)
        {
            status["initContainerStatuses"] = new JsonArray([.. inits]);
        }

        if (spec.EphemeralContainers is { Count: > 0 })
        {
            status["ephemeralContainerStatuses"] = new JsonArray([.. EphemeralContainers.Of(spec).Select(c =>
            {
                var shown = Container(c, observed, memory[c.Name], runtime, isPlainInit: false, hasEnded: true, "ContainerCreating");
                shown.Remove("started");
                return shown;
            })]);
        }

        return status;
    }

    private static JsonArray List(IEnumerable<string> ips) => new([.. ips.Select(ip => new JsonObject { ["ip"] = ip })]);

    private static string Phase(string? before, V1PodSpec spec, RuntimePodStatus? observed, PodMemory memory, bool isInitialized)
    {
        if (before is "Succeeded" or "Failed")
        {
            return before;
        }

        // What still runs, and could be heard of, has not ended.
        if (memory.Failure is not null && !PodPlanner.Running(spec.Possible(), observed).Any())
        {
            return "Failed";
        }

        if (PodPlanner.IsOver(spec, observed, memory) && !PodPlanner.Running(spec.Sidecars(), observed).Any())
        {
            return spec.Containers.All(c => PodPlanner.Latest(observed, c.Name) is { State: ContainerState.Exited, ExitCode: 0 }) ? "Succeeded" : "Failed";
        }

        return isInitialized && spec.Containers.All(c => PodPlanner.HasRun(PodPlanner.Latest(observed, c.Name), memory[c.Name])) ? "Running" : "Pending";
    }

    private static JsonObject Container(V1Container spec, RuntimePodStatus? observed, ContainerMemory memory, string runtime, bool isPlainInit, bool hasEnded, string waiting)
    {
        var last = PodPlanner.Latest(observed, spec.Name);
        var previous = last is null ? null : observed!.Containers.FirstOrDefault(c => c.Name == spec.Name && c.Attempt == last.Attempt - 1);
        var isRunning = last?.State == ContainerState.Running && !PodPlanner.IsPostStartPending(last, memory);
        var probes = memory.Probes is { } p && p.Attempt == last?.Attempt ? p : null;
        var isStarted = PodPlanner.IsStarted(spec, last, memory);
        var isReady = isPlainInit
            ? last is { State: ContainerState.Exited, ExitCode: 0 }
            : isStarted && !hasEnded && PodPlanner.IsConnected(observed, last) && (spec.ReadinessProbe is null || probes?.IsReady == true);
        var isWaiting = memory.Waiting is not null && !isRunning;
        var state = last switch
        {
            { State: ContainerState.Running } when isRunning => Running(last),
            { State: ContainerState.Exited } when !isWaiting => Terminated(last, runtime),
            _ => new JsonObject
            {
                ["waiting"] = isWaiting
                    ? new JsonObject { ["reason"] = memory.Waiting!.Reason, ["message"] = memory.Waiting.Message }
                    : new JsonObject { ["reason"] = waiting },
            },
        };
        var lastState = last is { State: ContainerState.Exited } && isWaiting ? Terminated(last, runtime)
            : previous is { State: ContainerState.Exited } ? Terminated(previous, runtime)
            : [];
        var status = new JsonObject
        {
            ["name"] = spec.Name,
            ["state"] = state,
            ["lastState"] = lastState,
            ["ready"] = isReady,
            ["started"] = isStarted,
            ["restartCount"] = last?.Attempt ?? 0,
            ["image"] = last?.Image ?? spec.Image,
            ["imageID"] = last?.ImageId ?? "",
        };
        if (PodResize.Shown(spec, last) is { } resources)
        {
            status["resources"] = resources;
        }

        if (last is not null)
        {
            status["containerID"] = $"{runtime}://{last.Id}";
        }

        return status;
    }

    private static JsonObject Running(RuntimeContainerStatus c) =>
        new() { ["running"] = new JsonObject { ["startedAt"] = KubeTime.Text(c.StartedAt ?? DateTimeOffset.UnixEpoch) } };

    private static JsonObject Terminated(RuntimeContainerStatus c, string runtime)
    {
        var terminated = new JsonObject
        {
            ["exitCode"] = c.ExitCode,
            ["reason"] = c.IsOomKilled ? OutOfMemory : c.Reason ?? (c.ExitCode == 0 ? Completed : Error),
            ["startedAt"] = KubeTime.Text(c.StartedAt ?? DateTimeOffset.UnixEpoch),
            ["finishedAt"] = KubeTime.Text(c.FinishedAt ?? DateTimeOffset.UnixEpoch),
            ["containerID"] = $"{runtime}://{c.Id}",
        };
        if (c.ExitCode > 128 && c.ExitCode < 160)
        {
            terminated["signal"] = c.ExitCode - 128;
        }

        if (!string.IsNullOrEmpty(c.TerminationMessage))
        {
            terminated["message"] = c.TerminationMessage;
        }

        return new JsonObject { ["terminated"] = terminated };
    }

    // The wording that clients parse (Kubernetes, "Pod conditions").
    private static string NotInitializedMessage(V1PodSpec spec, RuntimePodStatus? observed, PodMemory memory) =>
        $"containers with incomplete status: [{string.Join(" ", (spec.InitContainers ?? []).Where(c => !PodPlanner.IsComplete(c, observed, memory)).Select(c => c.Name))}]";

    // Conditions that others set and that the pod waits for (Kubernetes, "Pod readiness").
    private static string? Unmet(V1PodSpec spec, JsonArray conditions)
    {
        var unmet = (spec.ReadinessGates ?? []).Select(g => (g.ConditionType, Status: (string?)conditions.FirstOrDefault(c => (string?)c?["type"] == g.ConditionType)?["status"]))
            .Where(g => g.Status != "True")
            .Select(g => g.Status is null ? $"corresponding condition of pod readiness gate \"{g.ConditionType}\" does not exist."
                : $"the status of pod readiness gate \"{g.ConditionType}\" is not \"True\", but {g.Status}").ToList();
        return unmet.Count switch { 0 => null, 1 => unmet[0], _ => $"[{string.Join(", ", unmet)}]" };
    }

    private static string? NotReadyReason(string phase, bool isReady) =>
        isReady ? null : phase switch { "Succeeded" => "PodCompleted", "Failed" => "PodFailed", _ => "ContainersNotReady" };

    private static string? NotReadyMessage(string phase, List<JsonObject> containers, PodMemory memory)
    {
        if (memory.IsRuntimeDown && phase == "Running")
        {
            return "the container runtime does not answer";
        }

        var names = containers.Where(c => !c["ready"]!.GetValue<bool>()).Select(c => c["name"]!.GetValue<string>()).ToList();
        return phase is "Succeeded" or "Failed" || names.Count == 0 ? null : $"containers with unready status: [{string.Join(" ", names)}]";
    }

    private static JsonArray Conditions(JsonArray old, DateTimeOffset now, JsonObject[] further, params IEnumerable<(string Type, bool Status, string? Reason, string? Message)> ours) =>
        StatusConditions.Merged(old, ours.Select(o => Condition(now, o.Type, o.Status, o.Reason, o.Message)).Concat(further));

    private static JsonObject Disrupted(PodFailure failure, DateTimeOffset now) =>
        (JsonObject)DisruptionTarget.Patch("TerminationByKubelet", failure.Message, now)["status"]!["conditions"]![0]!.DeepClone();

    private static JsonObject Condition(DateTimeOffset now, string type, bool isTrue, string? reason, string? message)
    {
        var condition = new JsonObject { ["type"] = type, ["status"] = isTrue ? "True" : "False", ["lastTransitionTime"] = KubeTime.Text(now) };
        if (!isTrue && reason is not null)
        {
            condition["reason"] = reason;
        }

        if (!isTrue && message is not null)
        {
            condition["message"] = message;
        }

        return condition;
    }
}
