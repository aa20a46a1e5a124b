using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Agent.NodeSetup;
using Orchestrator.Node.Ingress;

namespace Orchestrator.Node.Agent;

/// <summary>Builds the Node object and its status. Pure.</summary>
internal static class NodeStatusBuilder
{
    private const int MaxImages = 50;

    /// <summary>The Node object for the registration.</summary>
    public static JsonObject Object(AgentServices services)
    {
        var labels = new JsonObject
        {
            ["kubernetes.io/hostname"] = services.Node,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = Architecture,
            ["beta.kubernetes.io/os"] = "linux",
            ["beta.kubernetes.io/arch"] = Architecture,
        };
        foreach (var (key, value) in services.Labels.Concat(services.Registration.Labels))
        {
            labels[key] = value;
        }

        var spec = new JsonObject();
        if (!services.Registration.Taints.IsEmpty)
        {
            spec["taints"] = new JsonArray([.. services.Registration.Taints.Select(Taint)]);
        }

        if (!services.Registration.IsSchedulable)
        {
            spec["unschedulable"] = true;
        }

        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = services.Node, ["labels"] = labels },
            ["spec"] = spec,
            ["status"] = new JsonObject { ["nodeInfo"] = new JsonObject { ["machineID"] = services.Installation } }, // Identifies the host from the registration on.
        };
    }

    /// <summary>The metadata that the agent keeps right; null if the node has it.</summary>
    /// <param name="services">Services of the agent.</param>
    /// <param name="node">The Node object.</param>
    public static JsonObject? Metadata(AgentServices services, JsonObject node) =>
        services.LocalVolumes is null || (string?)node["metadata"]?["annotations"]?[LocalVolumes.FolderAnnotation] == services.LocalVolumes ? null
            : new JsonObject { ["annotations"] = new JsonObject { [LocalVolumes.FolderAnnotation] = services.LocalVolumes } };

    /// <summary>The complete status of the node.</summary>
    /// <param name="services">Services of the agent.</param>
    /// <param name="state">What is known of the node.</param>
    /// <param name="old">Conditions that are stored; the order, transition times of unchanged ones and those of other writers are kept.</param>
    /// <param name="now">Transition time of conditions that change.</param>
    public static JsonObject Status(AgentServices services, NodeState state, JsonArray? old, DateTimeOffset now)
    {
        var facts = state.Facts;
        return new JsonObject
        {
            ["capacity"] = Allocatable.Capacity(facts),
            ["allocatable"] = Allocatable.Of(facts, services.Reserved, services.Eviction?.Settings),
            ["addresses"] = new JsonArray(
            [
                .. services.HostIps.Select(a => new JsonObject { ["type"] = "InternalIP", ["address"] = a }),
                new JsonObject { ["type"] = "Hostname", ["address"] = services.Node },
            ]),
            ["conditions"] = StatusConditions.Merged(old ?? [],
            [
                .. Enum.GetValues<NodePressure>().Select(p => (Type: p.Type(), IsShort: state.Pressures.Contains(p), Why: p.Explain(state.Pressures.Contains(p))))
                    .Select(p => Condition(old, now, p.Type, p.IsShort ? "True" : "False", p.Why.Reason, p.Why.Message)),
                .. services.Network is not { } network ? [] : (JsonObject[])[network.Fault is { } fault
                    ? Condition(old, now, "NetworkUnavailable", "True", "PodNetworkNotReady", fault)
                    : Condition(old, now, "NetworkUnavailable", "False", "PodNetworkReady", "the network of pods is ready")],
                .. IngressOf(state, old) is not { } ingress ? [] : (JsonObject[])[Condition(old, now, IngressNodes.Condition, ingress.IsReady ? "True" : "False", ingress.Reason, ingress.Message)],
                state.NotReady is not { } notReady
                    ? Condition(old, now, "Ready", "True", "KubeletReady", "kubelet is posting ready status")
                    : Condition(old, now, "Ready", "False", notReady.Reason, notReady.Message),
            ]),
            ["nodeInfo"] = new JsonObject
            {
                ["architecture"] = Architecture,
                ["operatingSystem"] = "linux",
                ["osImage"] = facts?.OsImage ?? RuntimeInformation.OSDescription,
                ["kernelVersion"] = facts?.KernelVersion ?? "",
                ["containerRuntimeVersion"] = facts is null ? "" : $"{facts.Name}://{facts.Version}",
                ["kubeletVersion"] = Release.Full,
                ["kubeProxyVersion"] = Release.Full,
                ["machineID"] = services.Installation,
                ["systemUUID"] = services.Installation,
                ["bootID"] = services.Node,
            },
            ["images"] = new JsonArray([.. state.Images.OrderByDescending(i => i.SizeBytes).Take(MaxImages).Select(i => (JsonNode)new JsonObject
            {
                ["names"] = new JsonArray([.. i.Names.Select(n => JsonValue.Create(n))]),
                ["sizeBytes"] = i.SizeBytes,
            })]),
            ["daemonEndpoints"] = new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = 0 } },
        };
    }

    // What an agent before this one has said is true no more.
    private static IngressActor.Changed? IngressOf(NodeState state, JsonArray? old) =>
        state.Ingress ?? (old?.OfType<JsonObject>().Any(c => (string?)c["type"] == IngressNodes.Condition) == true ? IngressActor.Changed.Nothing : null);

    private static JsonObject Taint((string Key, string Value, string Effect) taint) => taint.Value.Length == 0
        ? new JsonObject { ["key"] = taint.Key, ["effect"] = taint.Effect } : new JsonObject { ["key"] = taint.Key, ["value"] = taint.Value, ["effect"] = taint.Effect };

    private static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static JsonObject Condition(JsonArray? old, DateTimeOffset now, string type, string status, string reason, string message)
    {
        var before = old?.OfType<JsonObject>().FirstOrDefault(c => c["type"]?.GetValue<string>() == type);
        var since = before?["status"]?.GetValue<string>() == status ? before["lastTransitionTime"]?.GetValue<string>() : null;
        since ??= KubeTime.Text(now);

        // Heartbeats are not journaled, so lastHeartbeatTime is the time of the last transition.
        return new JsonObject
        {
            ["type"] = type,
            ["status"] = status,
            ["reason"] = reason,
            ["message"] = message,
            ["lastHeartbeatTime"] = since,
            ["lastTransitionTime"] = since,
        };
    }
}
