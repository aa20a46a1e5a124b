using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Kinds.Services.ServiceForm;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>What a new version of a service has of the stored one: a document without the address and the ports that the service was given does not take them away, and a type
/// that has no use for them drops them. Pure.</summary>
internal static class ServiceChange
{
    private const string Once = "may not change once set";

    /// <summary>Completes the new version.</summary>
    /// <param name="o">The new version, with defaults.</param>
    /// <param name="old">The stored version, with defaults.</param>
    public static void Carry(JsonObject o, JsonObject old)
    {
        if (o["spec"] is not JsonObject spec || old["spec"] is not JsonObject former)
        {
            return;
        }

        FollowFirst(spec, former);
        KeepGiven(spec, former);
        DropUnused(spec, former);
    }

    /// <summary>Refuses changes of what stays as long as there is the service.</summary>
    /// <param name="spec">The new spec, completed.</param>
    /// <param name="old">The stored spec, with defaults.</param>
    /// <param name="errors">Collects the errors.</param>
    public static void Validate(JsonObject spec, JsonObject old, FieldErrors errors)
    {
        if (HasClusterIP(old) && HasClusterIP(spec))
        {
            ValidateAddresses(spec, old, errors);
        }

        if (HasHealthCheckPort(spec) && HasHealthCheckPort(old) && Number(old, "healthCheckNodePort") > 0)
        {
            errors.Immutable("spec.healthCheckNodePort", spec["healthCheckNodePort"], old["healthCheckNodePort"]);
        }

        if (Text(spec, "type") == "LoadBalancer" && Text(old, "type") == "LoadBalancer" && Text(spec, "loadBalancerClass") != Text(old, "loadBalancerClass"))
        {
            errors.Invalid("spec.loadBalancerClass", spec["loadBalancerClass"], Once);
        }
    }

    // A second address and family may come and go; headless services may change their families.
    private static void ValidateAddresses(JsonObject spec, JsonObject old, FieldErrors errors)
    {
        foreach (var i in Changed(ClusterIPs(spec), ClusterIPs(old)))
        {
            errors.Invalid($"spec.clusterIPs[{i}]", spec["clusterIPs"], Once);
        }

        if (!IsHeadless(spec) && !IsHeadless(old) && Changed(Texts(spec, "ipFamilies"), Texts(old, "ipFamilies")).Any())
        {
            errors.Invalid("spec.ipFamilies[0]", spec["ipFamilies"], Once);
        }
    }

    private static IEnumerable<int> Changed(IReadOnlyList<string> now, IReadOnlyList<string> before)
    {
        var kept = now.Count == before.Count ? now.Count : Math.Min(1, Math.Min(now.Count, before.Count));
        return Enumerable.Range(0, kept).Where(i => now[i] != before[i]);
    }

    // Who changes one of the two fields means both.
    private static void FollowFirst(JsonObject spec, JsonObject old)
    {
        var (address, before) = (Text(spec, "clusterIP"), Text(old, "clusterIP"));
        if (address == before || !JsonNode.DeepEquals(spec["clusterIPs"], old["clusterIPs"]))
        {
            return;
        }

        spec.Remove("clusterIPs");
        if (address.Length > 0)
        {
            spec["clusterIPs"] = new JsonArray(address);
        }
    }

    private static void KeepGiven(JsonObject spec, JsonObject old)
    {
        if (HasClusterIP(spec) && HasClusterIP(old))
        {
            if (Text(spec, "clusterIP").Length == 0)
            {
                Take(spec, old, "clusterIP");
            }

            if (Texts(spec, "clusterIPs").Count == 0 && ClusterIPs(Text(spec, "clusterIP") == Text(old, "clusterIP") ? old : spec) is { Count: > 0 } all)
            {
                spec["clusterIPs"] = List(all);
            }
        }

        if (MayHaveNodePorts(spec) && MayHaveNodePorts(old))
        {
            KeepNodePorts(spec, old);
        }

        if (HasHealthCheckPort(spec) && HasHealthCheckPort(old) && Number(spec, "healthCheckNodePort") == 0)
        {
            Take(spec, old, "healthCheckNodePort");
        }
    }

    // By the name of the port; not one that the new version gives to another.
    private static void KeepNodePorts(JsonObject spec, JsonObject old)
    {
        var used = Ports(spec).Select(p => Number(p, "nodePort")).Where(n => n > 0).ToHashSet();
        foreach (var port in Ports(spec).Where(p => Number(p, "nodePort") == 0))
        {
            var given = Ports(old).Where(p => Text(p, "name") == Text(port, "name")).Select(p => Number(p, "nodePort")).FirstOrDefault();
            if (given > 0 && !used.Contains(given))
            {
                port["nodePort"] = given;
            }
        }
    }

    // Only what is as it was: what somebody sets beside the new type is refused with a reason.
    private static void DropUnused(JsonObject spec, JsonObject old)
    {
        if (HasClusterIP(old) && !HasClusterIP(spec))
        {
            Drop(spec, old, "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy");
        }

        if (MayHaveNodePorts(old) && !MayHaveNodePorts(spec) && NodePorts(spec).SequenceEqual(NodePorts(old)))
        {
            foreach (var port in Ports(spec))
            {
                port.Remove("nodePort");
            }
        }

        if (HasHealthCheckPort(old) && !HasHealthCheckPort(spec))
        {
            Drop(spec, old, "healthCheckNodePort");
        }

        if (Text(old, "type") == "LoadBalancer" && Text(spec, "type") != "LoadBalancer")
        {
            Drop(spec, old, "allocateLoadBalancerNodePorts", "loadBalancerClass");
        }

        if (IsExternal(old) && !IsExternal(spec))
        {
            Drop(spec, old, "externalTrafficPolicy");
        }
    }

    private static IEnumerable<int> NodePorts(JsonObject spec) => Ports(spec).Select(p => Number(p, "nodePort")).Where(n => n > 0).Order();

    private static void Take(JsonObject spec, JsonObject old, string name)
    {
        if (old[name] is { } value)
        {
            spec[name] = value.DeepClone();
        }
    }

    private static void Drop(JsonObject spec, JsonObject old, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (JsonNode.DeepEquals(spec[name], old[name]))
            {
                spec.Remove(name);
            }
        }
    }
}
