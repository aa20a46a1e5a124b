using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Api.JsonFilling;
using static Orchestrator.Actors.Kinds.Services.ServiceForm;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Rules of Services (Kubernetes, "Service"), as far as they do not depend on what the cluster has (<see cref="ServiceProposal"/>).</summary>
internal sealed class ServiceStrategy : ResourceStrategy
{
    // Three hours, as the page says of session affinity.
    private const int AffinitySeconds = 10800;

    public override void Default(JsonObject o)
    {
        if (o["spec"] is not JsonObject spec)
        {
            return;
        }

        Set(spec, "type", "ClusterIP");
        Set(spec, "sessionAffinity", "None");
        if (Text(spec, "sessionAffinity") == "ClientIP")
        {
            Set(Child(Child(spec, "sessionAffinityConfig"), "clientIP"), "timeoutSeconds", AffinitySeconds);
        }
        else if (Text(spec, "sessionAffinity") == "None")
        {
            spec.Remove("sessionAffinityConfig"); // Who ends the affinity need not know of its time.
        }

        foreach (var port in Ports(spec))
        {
            Set(port, "protocol", "TCP");
            if (port["port"] is { } number && (port["targetPort"] is null || port["targetPort"].AsInt64() == 0))
            {
                port["targetPort"] = number.DeepClone();
            }

            if (port["nodePort"].AsInt64() == 0)
            {
                port.Remove("nodePort"); // Clients say so that they want none.
            }
        }

        if (spec["healthCheckNodePort"].AsInt64() == 0)
        {
            spec.Remove("healthCheckNodePort");
        }

        if (IsExternal(spec))
        {
            Set(spec, "externalTrafficPolicy", "Cluster");
        }

        if (Text(spec, "type") == "LoadBalancer")
        {
            Set(spec, "allocateLoadBalancerNodePorts", true);
        }

        if (HasClusterIP(spec))
        {
            Set(spec, "internalTrafficPolicy", "Cluster");
        }

        if (Text(spec, "clusterIP").Length == 0)
        {
            spec.Remove("clusterIP");
        }
    }

    public override void Carry(JsonObject o, JsonObject old) => ServiceChange.Carry(o, old);

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var spec = o["spec"] as JsonObject ?? [];
        ServicePortValidation.Validate(spec, errors);
        ServiceValidation.Validate(spec, errors);
    }

    public override void ValidateStatus(JsonObject status, FieldErrors errors) => ServiceValidation.ValidateStatus(status, errors);

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors) => ServiceChange.Validate(o["spec"] as JsonObject ?? [], old["spec"] as JsonObject ?? [], errors);

    public override void PrepareForCreate(JsonObject o) => o["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };

    // The addresses of a load balancer that there is no more must not lead to it.
    public override void PrepareForUpdate(JsonObject o)
    {
        if (Text(o["spec"] as JsonObject ?? [], "type") != "LoadBalancer")
        {
            Child(o, "status")["loadBalancer"] = new JsonObject();
        }
    }
}
