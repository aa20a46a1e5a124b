using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Api.JsonFilling;
using static Orchestrator.Actors.Validation.MetadataValidation;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Rules of Services (Kubernetes, "Service").</summary>
internal sealed class ServiceStrategy : ResourceStrategy
{
    public override void Default(JsonObject o)
    {
        if (o["spec"] is not JsonObject spec)
        {
            return;
        }

        Set(spec, "type", "ClusterIP");
        Set(spec, "sessionAffinity", "None");
        if ((string?)spec["sessionAffinity"] == "ClientIP")
        {
            Set(Child(Child(spec, "sessionAffinityConfig"), "clientIP"), "timeoutSeconds", 10800);
        }

        if ((string?)spec["type"] != "ExternalName")
        {
            Set(spec, "internalTrafficPolicy", "Cluster");
        }

        foreach (var port in JsonFilling.Items(spec, "ports"))
        {
            Set(port, "protocol", "TCP");
            if (port["port"] is { } number)
            {
                Set(port, "targetPort", number.DeepClone());
            }
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var spec = o["spec"] as JsonObject;
        var type = spec?["type"]?.GetValue<string>();
        errors.OneOf("spec.type", type, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        errors.OneOf("spec.sessionAffinity", spec?["sessionAffinity"]?.GetValue<string>(), "ClientIP", "None");
        Map(errors, "spec.selector", spec?["selector"] as JsonObject);
        var ports = MetadataValidation.Items(spec, "ports").ToList();
        if (ports.Count == 0 && type != "ExternalName" && spec?["clusterIP"]?.GetValue<string>() != "None")
        {
            errors.Required("spec.ports");
        }

        var names = new HashSet<string>();
        foreach (var (port, i) in ports)
        {
            errors.Port(At("spec.ports", i, "port"), port["port"]);
            if (port["targetPort"] is { } target)
            {
                errors.Port(At("spec.ports", i, "targetPort"), target, mayBeName: true);
            }

            errors.OneOf(At("spec.ports", i, "protocol"), port["protocol"]?.GetValue<string>(), "SCTP", "TCP", "UDP");
            var name = port["name"]?.GetValue<string>() ?? "";
            if (ports.Count > 1 || name.Length > 0)
            {
                errors.Named(At("spec.ports", i, "name"), name, Names.Label);
                if (name.Length > 0 && !names.Add(name))
                {
                    errors.Duplicate(At("spec.ports", i, "name"), name);
                }
            }
        }
    }
}
