using System.Text.Json.Nodes;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Network.Cni;

/// <summary>What plugins can be told of a pod, by capability (CNI, "Extension conventions"), and as arguments as the kubelet's runtimes give them. Pure.</summary>
internal static class CniRuntime
{
    /// <summary>The capability of plugins that give addresses out of a range that they are told.</summary>
    public const string Ranges = "ipRanges";

    /// <summary>What there is for plugins with capabilities.</summary>
    /// <param name="ports">The pod's ports on the host.</param>
    /// <param name="room">The ranges of the node, <c>spec.podCIDRs</c>; null if they are not known.</param>
    public static JsonObject Of(IEnumerable<HostPort> ports, PodRoom? room)
    {
        var runtime = new JsonObject();
        if (ports.Select(Mapping).ToArray<JsonNode>() is { Length: > 0 } mappings)
        {
            runtime["portMappings"] = new JsonArray(mappings);
        }

        if (room is { } known)
        {
            // An address out of each set of ranges.
            runtime[Ranges] = new JsonArray([.. known.All.Select(r => new JsonArray(new JsonObject { ["subnet"] = r.Range.ToString() }))]);
        }

        return runtime;
    }

    /// <summary>The arguments: which pod it is.</summary>
    public static string Arguments(string podUid, PodNetworkWish wanted) => wanted.Name.Length == 0 ? "IgnoreUnknown=1"
        : $"IgnoreUnknown=1;K8S_POD_NAMESPACE={wanted.Namespace};K8S_POD_NAME={wanted.Name};K8S_POD_INFRA_CONTAINER_ID={podUid};K8S_POD_UID={podUid}";

    private static JsonObject Mapping(HostPort port)
    {
        var mapping = new JsonObject { ["hostPort"] = port.Port, ["containerPort"] = port.ContainerPort, ["protocol"] = port.Protocol.ToLowerInvariant() };
        if (port.HostIp.Length > 0)
        {
            mapping["hostIP"] = port.HostIp;
        }

        return mapping;
    }
}
