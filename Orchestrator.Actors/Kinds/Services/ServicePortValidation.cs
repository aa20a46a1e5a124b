using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Kinds.Services.ServiceForm;
using static Orchestrator.Actors.Validation.MetadataValidation;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Rules of the ports of a service (Kubernetes, "Service", multi-port services and port definitions).</summary>
internal static class ServicePortValidation
{
    // That of the agents of nodes.
    private const int AgentPort = 10250;

    /// <summary>Checks the ports.</summary>
    public static void Validate(JsonObject spec, FieldErrors errors)
    {
        var ports = Items(spec, "ports").ToList();
        if (ports.Count == 0 && Text(spec, "type") != "ExternalName" && !IsHeadless(spec))
        {
            errors.Required("spec.ports");
        }

        var (names, taken, nodePorts) = (new HashSet<string>(), new HashSet<(int, string)>(), new HashSet<(int, string)>());
        foreach (var (port, i) in ports)
        {
            Name(port, i, ports.Count > 1, names, errors);
            Numbers(spec, port, i, errors);
            var (number, protocol) = (Number(port, "port"), Text(port, "protocol"));
            if (number > 0 && !taken.Add((number, protocol)))
            {
                errors.Duplicate($"spec.ports[{i}]", new JsonObject { ["port"] = number, ["protocol"] = protocol });
            }

            if (Number(port, "nodePort") is > 0 and var nodePort && !nodePorts.Add((nodePort, protocol)))
            {
                errors.Duplicate(At("spec.ports", i, "nodePort"), nodePort);
            }
        }
    }

    private static void Name(JsonObject port, int i, bool isNeeded, HashSet<string> names, FieldErrors errors)
    {
        var name = Text(port, "name");
        if (!isNeeded && name.Length == 0)
        {
            return;
        }

        errors.Named(At("spec.ports", i, "name"), name, Names.Label);
        if (name.Length > 0 && !names.Add(name))
        {
            errors.Duplicate(At("spec.ports", i, "name"), name);
        }
    }

    private static void Numbers(JsonObject spec, JsonObject port, int i, FieldErrors errors)
    {
        var type = Text(spec, "type");
        errors.Port(At("spec.ports", i, "port"), port["port"]);
        if (type == "LoadBalancer" && Number(port, "port") == AgentPort)
        {
            errors.Invalid(At("spec.ports", i, "port"), AgentPort, $"may not expose port {AgentPort} externally since it is used by the agents of nodes");
        }

        if (port["targetPort"] is { } target)
        {
            errors.Port(At("spec.ports", i, "targetPort"), target, mayBeName: true);
        }

        errors.OneOf(At("spec.ports", i, "protocol"), Text(port, "protocol"), "SCTP", "TCP", "UDP");
        if (Text(port, "appProtocol") is { Length: > 0 } application && Names.LabelKey(application) is { } wrong)
        {
            errors.Invalid(At("spec.ports", i, "appProtocol"), application, wrong);
        }

        if (Number(port, "nodePort") is not 0 and var nodePort)
        {
            if (type is "ClusterIP" or "ExternalName")
            {
                errors.Forbidden(At("spec.ports", i, "nodePort"), $"may not be used when `type` is '{type}'");
            }
            else
            {
                errors.Port(At("spec.ports", i, "nodePort"), nodePort);
            }
        }
    }
}
