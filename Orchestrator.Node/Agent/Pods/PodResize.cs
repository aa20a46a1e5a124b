using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>Whether a pod may have the CPU and memory that it asks for now.</summary>
/// <param name="Wanted">What it asks for, as a text that changes with it.</param>
/// <param name="Answer">The answer of the node.</param>
/// <param name="Message">Why not; empty if it may.</param>
internal sealed record ResizeVerdict(string Wanted, ResizeAnswer Answer, string Message = "");

/// <summary>The node's answer to a pod that asks for other resources; names are the reasons of the condition <c>PodResizePending</c>.</summary>
internal enum ResizeAnswer
{
    /// <summary>It has not answered yet.</summary>
    Asked,

    /// <summary>The pod may have them.</summary>
    Granted,

    /// <summary>Not now: other pods have them.</summary>
    Deferred,

    /// <summary>Never on this node.</summary>
    Infeasible,
}

/// <summary>A container does not have the resources that it asks for, although its node has room for them.</summary>
/// <param name="Wanted">What it asks for. If it asks for something else this is of no matter any more.</param>
/// <param name="Failures">How often the runtime was asked in vain.</param>
/// <param name="NotBefore">Time before which it is not asked again.</param>
/// <param name="Message">What it said, or what the container has instead.</param>
internal sealed record ResizeFault(ContainerResources Wanted, int Failures, DateTimeOffset NotBefore, string Message);

/// <summary>Changes the CPU and memory of containers that run (Kubernetes, "Resize CPU and Memory Resources assigned to Containers"). Pure.</summary>
internal static class PodResize
{
    /// <summary>Why a container is stopped whose resize policy wants that.</summary>
    public const string Reason = "has other resources, which its resizePolicy gives to a new start only";

    private const string Pending = "PodResizePending";
    private const string InProgress = "PodResizeInProgress";

    /// <summary>What a pod asks for, if that is other than what its running containers have, or those had that ended for it; null if it is not.</summary>
    public static string? Wanted(V1PodSpec spec, RuntimePodStatus? observed) => spec.Lasting().Any(c => PodPlanner.Latest(observed, c.Name) is var last && (IsOther(c, last) || HasEndedForIt(c, last)))
        ? string.Join(';', spec.Lasting().Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Name}={ContainerResources.Of(c.Resources)}")))
        : null;

    /// <summary>Whether a container runs with other resources than its spec asks for.</summary>
    public static bool IsOther(V1Container spec, RuntimeContainerStatus? last) => last is { State: ContainerState.Running } && Differs(spec, last);

    /// <summary>Whether a container that has ended must start again, whatever its restart policy: it ended with other resources than its spec asks for, and may have them by a new start only.
    /// That is seen in the container, so it holds also if the agent ended between the stop and the start.</summary>
    /// <remarks>One that ended by itself before the node has said no looks the same, and runs once more.</remarks>
    /// <param name="spec">The spec of the pod.</param>
    /// <param name="container">The container.</param>
    /// <param name="observed">The status of the pod in the runtime.</param>
    /// <param name="memory">What the node has answered: if it has said no, nothing starts for it.</param>
    public static bool MayStartAgain(V1PodSpec spec, V1Container container, RuntimePodStatus? observed, PodMemory memory) =>
        HasEndedForIt(container, PodPlanner.Latest(observed, container.Name)) && spec.Lasting().Any(c => c.Name == container.Name)
        && !(memory.Resize is { Answer: ResizeAnswer.Deferred or ResizeAnswer.Infeasible } refused && refused.Wanted == Wanted(spec, observed));

    /// <summary>Whether a container must start again for what it asks for. One that was created with just that, by an engine that holds something else, would gain nothing.</summary>
    public static bool NeedsRestart(V1Container spec, RuntimeContainerStatus last)
    {
        var wanted = ContainerResources.Of(spec.Resources);
        return Restarts("cpu", r => (r.MilliCpuRequest, r.MilliCpuLimit)) || Restarts("memory", r => (r.MemoryRequest, r.MemoryLimit));

        bool Restarts(string resource, Func<ContainerResources, (long, long)> of) => last.Resources is { } held && of(held) != of(wanted) && !(last.Created is { } created && of(created) == of(wanted))
            && (spec.ResizePolicy ?? []).Any(p => p.ResourceName == resource && p.RestartPolicy == ContainerResize.RestartContainer);
    }

    /// <summary>What went wrong when a container was given what it asks for; null if nothing did.</summary>
    public static ResizeFault? Fault(V1Container spec, PodMemory memory) => memory[spec.Name].Resize is { } fault && fault.Wanted == ContainerResources.Of(spec.Resources) ? fault : null;

    /// <summary>What follows from a change that the runtime was asked for: an engine may take it and hold something else, and would be asked without end.</summary>
    /// <param name="spec">The container.</param>
    /// <param name="after">Its status after the change.</param>
    /// <param name="refusal">Why the runtime refused; null if it did not.</param>
    /// <param name="before">What went wrong before; null if nothing did.</param>
    /// <param name="now">The time of the change.</param>
    public static ResizeFault? Outcome(V1Container spec, RuntimeContainerStatus? after, string? refusal, ResizeFault? before, DateTimeOffset now)
    {
        if (refusal is null && !IsOther(spec, after))
        {
            return null;
        }

        var wanted = ContainerResources.Of(spec.Resources);
        var failures = before?.Wanted == wanted ? before.Failures + 1 : 1;
        return new ResizeFault(wanted, failures, now + PodPlanner.RetryDelay(failures),
            refusal ?? $"the container runtime took the change of container \"{spec.Name}\" and holds {after!.Resources!.ToSpec().ToJsonString()} instead of {wanted.ToSpec().ToJsonString()}");
    }

    /// <summary>Forgets what is of no matter any more, so that it is not taken for an answer when the same is asked for again.</summary>
    public static PodMemory Settled(PodManifest pod, RuntimePodStatus? observed, PodMemory memory)
    {
        if (memory.Resize is not null && (pod.HasEnded || Wanted(pod.Spec, observed) is null))
        {
            memory = memory with { Resize = null };
        }

        return pod.Spec.Lasting().Where(c => memory[c.Name].Resize is not null && (Fault(c, memory) is null || !IsOther(c, PodPlanner.Latest(observed, c.Name))))
            .Aggregate(memory, (m, c) => m.With(c.Name, one => one with { Resize = null }));
    }

    /// <summary>What the containers of a pod have, and those that do not run will have.</summary>
    public static NodeRoom Held(V1PodSpec spec, RuntimePodStatus? observed) => spec.Lasting()
        .Select(c => PodPlanner.Latest(observed, c.Name) is { State: ContainerState.Running, Resources: { } held } ? held : ContainerResources.Of(c.Resources))
        .Aggregate(default(NodeRoom), (sum, r) => sum + new NodeRoom(r.MilliCpuRequest, r.MemoryRequest));

    /// <summary>The resources in the status of a container; null if its spec has none or it does not run.</summary>
    public static JsonObject? Shown(V1Container spec, RuntimeContainerStatus? last)
    {
        if (last is not { State: ContainerState.Running } || spec.Resources is not { } asked || asked is { Requests: not { Count: > 0 }, Limits: not { Count: > 0 } })
        {
            return null;
        }

        return IsOther(spec, last) ? last.Resources!.ToSpec() : (JsonObject)Models.ToNode(new V1ResourceRequirements { Requests = asked.Requests, Limits = asked.Limits });
    }

    /// <summary>The conditions of a pod that tell of it, and the removal of those that do so no more.</summary>
    /// <param name="spec">The spec of the pod.</param>
    /// <param name="observed">Its status in the runtime.</param>
    /// <param name="memory">What the node has answered.</param>
    /// <param name="old">The conditions that are stored.</param>
    /// <param name="now">Transition time of those that change.</param>
    public static IEnumerable<JsonObject> Conditions(V1PodSpec spec, RuntimePodStatus? observed, PodMemory memory, JsonArray old, DateTimeOffset now)
    {
        var verdict = Wanted(spec, observed) is { } wanted && memory.Resize?.Wanted == wanted ? memory.Resize : null;
        var failed = verdict is null ? null : spec.Lasting().Where(c => IsOther(c, PodPlanner.Latest(observed, c.Name))).Select(c => Fault(c, memory)).FirstOrDefault(f => f is not null);
        return
        [
            .. Condition(Pending, verdict is { Answer: ResizeAnswer.Deferred or ResizeAnswer.Infeasible }, verdict?.Answer.ToString(), verdict?.Message),
            .. Condition(InProgress, verdict is { Answer: ResizeAnswer.Granted }, failed is null ? null : "Error", failed?.Message),
        ];

        IEnumerable<JsonObject> Condition(string type, bool isTrue, string? reason, string? message)
        {
            if (!isTrue)
            {
                return old.Any(c => (string?)c?["type"] == type) ? [StatusConditions.Removal(type)] : [];
            }

            var condition = new JsonObject { ["type"] = type, ["status"] = "True", ["lastTransitionTime"] = KubeTime.Text(now) };
            if (reason is not null)
            {
                (condition["reason"], condition["message"]) = (reason, message);
            }

            return [condition];
        }
    }

    // A container of a version that set no memory request holds none, although its spec asked for one all along: nothing is to change because the version does.
    private static bool Differs(V1Container spec, RuntimeContainerStatus last) => last.Resources is { } held && ContainerResources.Of(spec.Resources) is var wanted && held != wanted
        && !(last.Created is null && held.MemoryRequest == 0 && held with { MemoryRequest = wanted.MemoryRequest } == wanted);

    private static bool HasEndedForIt(V1Container spec, RuntimeContainerStatus? last) => last is { State: ContainerState.Exited } && Differs(spec, last) && NeedsRestart(spec, last);

    /// <summary>Decides whether a node has room for what a pod asks for.</summary>
    /// <param name="wanted">See <see cref="ResizeVerdict.Wanted"/>.</param>
    /// <param name="asked">What the pod asks for.</param>
    /// <param name="others">What all others have.</param>
    /// <param name="capacity">What the node can give.</param>
    public static ResizeVerdict Decide(string wanted, NodeRoom asked, NodeRoom others, NodeRoom capacity)
    {
        foreach (var (name, of) in ((string, Func<NodeRoom, long>)[])[("cpu", r => r.MilliCpu), ("memory", r => r.Memory)])
        {
            if (of(asked) > of(capacity))
            {
                return new ResizeVerdict(wanted, ResizeAnswer.Infeasible, $"Node didn't have enough capacity: {name}, requested: {of(asked)}, capacity: {of(capacity)}");
            }
        }

        foreach (var (name, of) in ((string, Func<NodeRoom, long>)[])[("cpu", r => r.MilliCpu), ("memory", r => r.Memory)])
        {
            if (of(asked) + of(others) > of(capacity))
            {
                return new ResizeVerdict(wanted, ResizeAnswer.Deferred, $"Node didn't have enough resource: {name}, requested: {of(asked)}, used: {of(others)}, capacity: {of(capacity)}");
            }
        }

        return new ResizeVerdict(wanted, ResizeAnswer.Granted);
    }
}

/// <summary>CPU and memory that pods have been promised.</summary>
/// <param name="MilliCpu">CPU in thousandths.</param>
/// <param name="Memory">Memory in bytes.</param>
internal readonly record struct NodeRoom(long MilliCpu, long Memory)
{
    /// <summary>What a pod asks for.</summary>
    public static NodeRoom Of(V1PodSpec spec)
    {
        var (requests, _) = PodResources.Of(spec);
        long Amount(string name, int scale) => requests.TryGetValue(name, out var quantity) ? (long)(quantity.Nanos * scale / 1_000_000_000) : 0;
        return new NodeRoom(Amount("cpu", 1000), Amount("memory", 1));
    }

    public static NodeRoom operator +(NodeRoom one, NodeRoom other) => new(one.MilliCpu + other.MilliCpu, one.Memory + other.Memory);
}
