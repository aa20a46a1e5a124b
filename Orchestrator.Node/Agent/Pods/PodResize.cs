using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
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

/// <summary>Changes the CPU and memory of containers that run (Kubernetes, "Resize CPU and Memory Resources assigned to Containers"). Pure.</summary>
internal static class PodResize
{
    /// <summary>Why a container is stopped whose resize policy wants that.</summary>
    public const string Reason = "has other resources, which its resizePolicy gives to a new start only";

    private const string Pending = "PodResizePending";
    private const string InProgress = "PodResizeInProgress";

    /// <summary>What a pod asks for, if that is other than what its running containers have; null if it is not.</summary>
    public static string? Wanted(V1PodSpec spec, RuntimePodStatus? observed) => spec.Lasting().Any(c => IsOther(c, PodPlanner.Latest(observed, c.Name)))
        ? string.Join(';', spec.Lasting().Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Name}={ContainerResources.Of(c.Resources)}")))
        : null;

    /// <summary>Whether a container runs with other resources than its spec asks for.</summary>
    public static bool IsOther(V1Container spec, RuntimeContainerStatus? last) => last is { State: ContainerState.Running, Resources: { } held } && held != ContainerResources.Of(spec.Resources);

    /// <summary>Whether a container must start again for what it asks for.</summary>
    public static bool NeedsRestart(V1Container spec, ContainerResources held)
    {
        var wanted = ContainerResources.Of(spec.Resources);
        bool Restarts(string resource) => (spec.ResizePolicy ?? []).Any(p => p.ResourceName == resource && p.RestartPolicy == ContainerResize.RestartContainer);
        return ((held.MilliCpuRequest, held.MilliCpuLimit) != (wanted.MilliCpuRequest, wanted.MilliCpuLimit) && Restarts("cpu"))
            || ((held.MemoryRequest, held.MemoryLimit) != (wanted.MemoryRequest, wanted.MemoryLimit) && Restarts("memory"));
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

    /// <summary>The conditions of a pod that tell of it. One that was true stays, as false.</summary>
    /// <param name="spec">The spec of the pod.</param>
    /// <param name="observed">Its status in the runtime.</param>
    /// <param name="memory">What the node has answered.</param>
    /// <param name="old">The conditions that are stored.</param>
    /// <param name="now">Transition time of those that change.</param>
    public static IEnumerable<JsonObject> Conditions(V1PodSpec spec, RuntimePodStatus? observed, PodMemory memory, JsonArray old, DateTimeOffset now)
    {
        var verdict = Wanted(spec, observed) is { } wanted && memory.Resize?.Wanted == wanted ? memory.Resize : null;
        var failed = verdict is null ? null : spec.Lasting().Where(c => IsOther(c, PodPlanner.Latest(observed, c.Name))).Select(c => memory[c.Name].Waiting).FirstOrDefault(w => w is not null);
        return
        [
            .. Condition(Pending, verdict is { Answer: ResizeAnswer.Deferred or ResizeAnswer.Infeasible }, verdict?.Answer.ToString(), verdict?.Message),
            .. Condition(InProgress, verdict is { Answer: ResizeAnswer.Granted }, failed is null ? null : "Error", failed?.Message),
        ];

        IEnumerable<JsonObject> Condition(string type, bool isTrue, string? reason, string? message)
        {
            if (!isTrue && !old.Any(c => (string?)c?["type"] == type))
            {
                return [];
            }

            var condition = new JsonObject { ["type"] = type, ["status"] = isTrue ? "True" : "False", ["lastTransitionTime"] = KubeTime.Text(now) };
            if (isTrue && reason is not null)
            {
                (condition["reason"], condition["message"]) = (reason, message);
            }

            return [condition];
        }
    }

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
    public static NodeRoom Of(V1PodSpec spec) => Of(PodResources.Of(spec).Requests);

    /// <summary>What a list of resources gives.</summary>
    public static NodeRoom Of(JsonObject list) => Of(ResourceAmounts.Read(list));

    private static NodeRoom Of(ResourceAmounts requests)
    {
        long Amount(string name, int scale) => requests.TryGetValue(name, out var quantity) ? (long)(quantity.Nanos * scale / 1_000_000_000) : 0;
        return new NodeRoom(Amount("cpu", 1000), Amount("memory", 1));
    }

    public static NodeRoom operator +(NodeRoom one, NodeRoom other) => new(one.MilliCpu + other.MilliCpu, one.Memory + other.Memory);
}
