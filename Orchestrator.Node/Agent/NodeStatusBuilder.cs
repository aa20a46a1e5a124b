using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent.Eviction;

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
        foreach (var (key, value) in services.Labels)
        {
            labels[key] = value;
        }

        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = services.Node, ["labels"] = labels },
            ["spec"] = new JsonObject(),
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
    /// <param name="facts">Last info of the runtime; null if it has never answered.</param>
    /// <param name="downReason">Why the runtime does not answer; null if it does.</param>
    /// <param name="images">Images that are present.</param>
    /// <param name="pressures">What the node is short of.</param>
    /// <param name="old">Conditions that are stored; the order, transition times of unchanged ones and those of other writers are kept.</param>
    /// <param name="now">Transition time of conditions that change.</param>
    public static JsonObject Status(AgentServices services, RuntimeInfo? facts, string? downReason, IReadOnlyList<RuntimeImage> images, IReadOnlySet<NodePressure> pressures,
        JsonArray? old, DateTimeOffset now)
    {
        JsonObject Amounts() => new()
        {
            ["cpu"] = (facts?.Cpus ?? 0).ToString(CultureInfo.InvariantCulture),
            ["memory"] = $"{(facts?.MemoryBytes ?? 0) / 1024}Ki",
            ["ephemeral-storage"] = $"{(facts?.DiskBytes ?? 0) / 1024}Ki",
            ["pods"] = "110",
        };
        return new JsonObject
        {
            ["capacity"] = Amounts(),
            ["allocatable"] = Amounts(),
            ["addresses"] = new JsonArray(
                new JsonObject { ["type"] = "InternalIP", ["address"] = services.HostIp },
                new JsonObject { ["type"] = "Hostname", ["address"] = services.Node }),
            ["conditions"] = StatusConditions.Merged(old ?? [],
            [
                .. Enum.GetValues<NodePressure>().Select(p => (Type: p.Type(), IsShort: pressures.Contains(p), Why: p.Explain(pressures.Contains(p))))
                    .Select(p => Condition(old, now, p.Type, p.IsShort ? "True" : "False", p.Why.Reason, p.Why.Message)),
                .. services.Network is not { } network ? [] : (JsonObject[])[network.Fault is { } fault
                    ? Condition(old, now, "NetworkUnavailable", "True", "PodNetworkNotReady", fault)
                    : Condition(old, now, "NetworkUnavailable", "False", "PodNetworkReady", "the network of pods is ready")],
                downReason is null
                    ? Condition(old, now, "Ready", "True", "KubeletReady", "kubelet is posting ready status")
                    : Condition(old, now, "Ready", "False", "ContainerRuntimeDown", $"container runtime is down: {downReason}"),
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
            ["images"] = new JsonArray([.. images.OrderByDescending(i => i.SizeBytes).Take(MaxImages).Select(i => (JsonNode)new JsonObject
            {
                ["names"] = new JsonArray([.. i.Names.Select(n => JsonValue.Create(n))]),
                ["sizeBytes"] = i.SizeBytes,
            })]),
            ["daemonEndpoints"] = new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = 0 } },
        };
    }

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
