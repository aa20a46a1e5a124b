using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.IPAddresses;
using Orchestrator.Actors.Kinds.NodePorts;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using static Orchestrator.Actors.Kinds.Services.ServiceForm;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>The objects that reserve addresses and ports of nodes for services: one for each, whose name is the address or the port. Pure.</summary>
internal static class ServiceReservations
{
    private const string ManagedBy = "ipaddress.kubernetes.io/managed-by";
    private const string Manager = "ipallocator.orchestrator.io";

    /// <summary>The reservation of an address.</summary>
    public static ObjectKey Of(string address) => IPAddressDefinition.Instance.Key(null, AddressNames.Canonical(address));

    /// <summary>The reservation of a port of nodes.</summary>
    public static ObjectKey Of(int nodePort) => NodePortDefinition.Instance.Key(null, nodePort.ToString(CultureInfo.InvariantCulture));

    /// <summary>What the status of a service says of an address that is its own as a load balancer (<c>ipMode</c>).</summary>
    public const string OfPool = "VIP";

    /// <summary>The reservations of all that a service has; none for null.</summary>
    public static IReadOnlySet<ObjectKey> Of(KubeObject? service) => service is null ? FrozenSet<ObjectKey>.Empty : ServiceOutline.Of(service).Reservations;

    /// <summary>The same, read from the object.</summary>
    public static HashSet<ObjectKey> Read(KubeObject service)
    {
        if (service.ToNode() is not { } node || node["spec"] is not JsonObject spec)
        {
            return [];
        }

        var keys = Of(spec);
        if (Text(spec, "type") == "LoadBalancer" && Text(spec, "loadBalancerClass") is "" or LoadBalancing.Class)
        {
            keys.UnionWith(JsonFilling.Items(node["status"]?["loadBalancer"] as JsonObject ?? [], "ingress").Where(i => Text(i, "ipMode") == OfPool).Select(i => Of(Text(i, "ip"))));
        }

        return keys;
    }

    /// <summary>The reservations of all that a service has, by its spec.</summary>
    public static HashSet<ObjectKey> Of(JsonObject spec)
    {
        var keys = new HashSet<ObjectKey>();
        if (HasClusterIP(spec) && !IsHeadless(spec))
        {
            keys.UnionWith(ClusterIPs(spec).Select(Of));
        }

        if (MayHaveNodePorts(spec))
        {
            keys.UnionWith(Ports(spec).Select(p => Number(p, "nodePort")).Append(Number(spec, "healthCheckNodePort")).Where(n => n > 0).Select(Of));
        }

        return keys;
    }

    /// <summary>Whether a reservation was made for services, and not by a client.</summary>
    public static bool IsOurs(KubeObject reservation) =>
        reservation.Kind == NodePortDefinition.Instance || (reservation.Kind == IPAddressDefinition.Instance && reservation.Labels.GetValueOrDefault(ManagedBy) == Manager);

    /// <summary>Whether something is reserved for a service.</summary>
    public static bool IsFor(KubeObject reservation, ObjectKey service) => reservation.References.Contains(service);

    /// <summary>Creates the object that reserves something for a service.</summary>
    public static JsonObject Create(ObjectKey reservation, ObjectKey service)
    {
        var isAddress = reservation.Resource == IPAddressDefinition.Instance.Resource;
        var kind = isAddress ? IPAddressDefinition.Instance : NodePortDefinition.Instance;
        var meta = new JsonObject { ["name"] = reservation.Name };
        if (isAddress)
        {
            meta["labels"] = new JsonObject { ["ipaddress.kubernetes.io/ip-family"] = IpFamilies.Of(reservation.Name), [ManagedBy] = Manager };
        }

        return new JsonObject { ["apiVersion"] = kind.ApiVersion, ["kind"] = kind.Kind, ["metadata"] = meta, ["spec"] = new JsonObject { ["parentRef"] = ParentRef.To(service) } };
    }
}
