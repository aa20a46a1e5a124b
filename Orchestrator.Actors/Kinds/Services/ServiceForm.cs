using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>What follows from the type of a service and a few fields beside it (Kubernetes, "Service", types of services). Pure.</summary>
internal static class ServiceForm
{
    /// <summary>Value of <c>spec.clusterIP</c> of a service without an address (headless).</summary>
    public const string NoAddress = "None";

    /// <summary>Value of traffic policies by which packets stay on their node.</summary>
    public const string Local = "Local";

    /// <summary>Value of <c>spec.ipFamilyPolicy</c>: addresses of one family.</summary>
    public const string SingleStack = "SingleStack";

    /// <summary>Value of <c>spec.ipFamilyPolicy</c>: addresses of both families if the cluster has them.</summary>
    public const string PreferDualStack = "PreferDualStack";

    /// <summary>Value of <c>spec.ipFamilyPolicy</c>: addresses of both families.</summary>
    public const string RequireDualStack = "RequireDualStack";

    /// <summary>The text of a field; empty if it is absent.</summary>
    public static string Text(JsonObject spec, string name) => (string?)spec[name] ?? "";

    /// <summary>The texts of a list; none if it is absent.</summary>
    public static IReadOnlyList<string> Texts(JsonObject spec, string name) => [.. (spec[name] as JsonArray ?? []).Select(t => (string?)t ?? "")];

    /// <summary>A list of texts.</summary>
    public static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(t => JsonValue.Create(t))];

    /// <summary>The number of a field; 0 if it is absent.</summary>
    public static int Number(JsonObject o, string name) => (int)(o[name].AsInt64() ?? 0);

    /// <summary>The ports.</summary>
    public static IReadOnlyList<JsonObject> Ports(JsonObject spec) => [.. JsonFilling.Items(spec, "ports")];

    /// <summary>Whether it is of another kind than an alias of a DNS name, and so has, or asks to have no, address.</summary>
    public static bool HasClusterIP(JsonObject spec) => Text(spec, "type") is "ClusterIP" or "NodePort" or "LoadBalancer";

    /// <summary>Its addresses, the primary first; <see cref="NoAddress"/> if it asks for none. A client that knows of one address only says it in <c>clusterIP</c> alone.</summary>
    public static IReadOnlyList<string> ClusterIPs(JsonObject spec) => Texts(spec, "clusterIPs") is { Count: > 0 } all ? all : Text(spec, "clusterIP") is { Length: > 0 } first ? [first] : [];

    /// <summary>Whether it asks to have no address of its own.</summary>
    public static bool IsHeadless(JsonObject spec) => Text(spec, "clusterIP") == NoAddress;

    /// <summary>Whether its ports may be ports of nodes.</summary>
    public static bool MayHaveNodePorts(JsonObject spec) => Text(spec, "type") is "NodePort" or "LoadBalancer";

    /// <summary>Whether each of its ports gets a port of the nodes.</summary>
    public static bool GetsNodePorts(JsonObject spec) => Text(spec, "type") == "NodePort"
        || (Text(spec, "type") == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"]?.GetValue<bool>() != false);

    /// <summary>Whether it has a port for the health checks of a load balancer.</summary>
    public static bool HasHealthCheckPort(JsonObject spec) => Text(spec, "type") == "LoadBalancer" && Text(spec, "externalTrafficPolicy") == Local;

    /// <summary>Whether something outside of the cluster reaches it.</summary>
    public static bool IsExternal(JsonObject spec) => MayHaveNodePorts(spec) || (Text(spec, "type") == "ClusterIP" && spec["externalIPs"] is JsonArray { Count: > 0 });
}
