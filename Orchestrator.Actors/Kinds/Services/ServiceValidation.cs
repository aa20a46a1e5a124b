using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Kinds.Services.ServiceForm;
using static Orchestrator.Actors.Validation.MetadataValidation;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Rules of a service beside those of its ports and addresses, with the fields and sentences of Kubernetes.</summary>
internal static class ServiceValidation
{
    private const int LongestAffinity = 86400;

    /// <summary>Checks a spec whose defaults were set.</summary>
    public static void Validate(JsonObject spec, FieldErrors errors)
    {
        errors.OneOf("spec.type", Text(spec, "type") is { Length: > 0 } type ? type : null, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        Map(errors, "spec.selector", spec["selector"] as JsonObject);
        Affinity(spec, errors);
        ServiceAddressValidation.Validate(spec, errors);
        ExternalName(spec, errors);
        ExternalAddresses(spec, errors);
        LoadBalancer(spec, errors);
        Policies(spec, errors);
    }

    private static void Affinity(JsonObject spec, FieldErrors errors)
    {
        errors.OneOf("spec.sessionAffinity", (string?)spec["sessionAffinity"], "ClientIP", "None");
        if (spec["sessionAffinityConfig"]?["clientIP"]?["timeoutSeconds"].AsInt64() is { } seconds and (<= 0 or > LongestAffinity))
        {
            errors.Invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", seconds, $"must be greater than 0 and less than {LongestAffinity}");
        }
    }

    private static void ExternalName(JsonObject spec, FieldErrors errors)
    {
        if (Text(spec, "type") == "ExternalName")
        {
            errors.Named("spec.externalName", Text(spec, "externalName").TrimEnd('.'), Names.Subdomain);
        }
    }

    private static void ExternalAddresses(JsonObject spec, FieldErrors errors)
    {
        var addresses = Texts(spec, "externalIPs");
        for (var i = 0; i < addresses.Count; i++)
        {
            if (IpAddresses.Objection(addresses[i]) is { } why)
            {
                errors.Invalid($"spec.externalIPs[{i}]", addresses[i], why);
            }
        }
    }

    /// <summary>Validates the addresses that a load balancer has given: packets to them are led to the pods, on every node.</summary>
    /// <param name="status">Status of a Service.</param>
    /// <param name="errors">Where faults go.</param>
    public static void ValidateStatus(JsonObject status, FieldErrors errors)
    {
        foreach (var (ingress, i) in MetadataValidation.Items(status["loadBalancer"] as JsonObject, "ingress"))
        {
            var path = $"status.loadBalancer.ingress[{i}]";
            if (Text(ingress, "ip") is { Length: > 0 } address && IpAddresses.Objection(address) is { } why)
            {
                errors.Invalid($"{path}.ip", address, why);
            }

            errors.OneOf($"{path}.ipMode", (string?)ingress["ipMode"], "Proxy", "VIP");
        }
    }

    private static void LoadBalancer(JsonObject spec, FieldErrors errors)
    {
        var isBalanced = Text(spec, "type") == "LoadBalancer";
        foreach (var name in (string[])["allocateLoadBalancerNodePorts", "loadBalancerClass", "loadBalancerSourceRanges"])
        {
            if (!isBalanced && spec[name] is { } value and not JsonArray { Count: 0 } && value.ToString().Length > 0)
            {
                errors.Forbidden($"spec.{name}", "may only be used when `type` is 'LoadBalancer'");
            }
        }

        if (Text(spec, "loadBalancerClass") is { Length: > 0 } implementation && Names.LabelKey(implementation) is { } wrong)
        {
            errors.Invalid("spec.loadBalancerClass", implementation, wrong);
        }

        var ranges = Texts(spec, "loadBalancerSourceRanges");
        for (var i = 0; i < ranges.Count; i++)
        {
            if (IpAddresses.Range(ranges[i].Trim()) is null)
            {
                errors.Invalid($"spec.loadBalancerSourceRanges[{i}]", ranges[i], IpAddresses.NoRange);
            }
        }
    }

    private static void Policies(JsonObject spec, FieldErrors errors)
    {
        var policy = (string?)spec["externalTrafficPolicy"];
        if (policy is { Length: > 0 } && !IsExternal(spec))
        {
            errors.Invalid("spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services");
        }
        else
        {
            errors.OneOf("spec.externalTrafficPolicy", policy, "Cluster", ServiceForm.Local);
        }

        errors.OneOf("spec.internalTrafficPolicy", (string?)spec["internalTrafficPolicy"], "Cluster", ServiceForm.Local);
        errors.OneOf("spec.trafficDistribution", (string?)spec["trafficDistribution"], "PreferClose", "PreferSameNode", "PreferSameZone");
        if (spec["healthCheckNodePort"] is { } health)
        {
            if (!HasHealthCheckPort(spec))
            {
                errors.Invalid("spec.healthCheckNodePort", health.DeepClone(), "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
            }
            else
            {
                errors.Port("spec.healthCheckNodePort", health);
            }
        }
    }
}
