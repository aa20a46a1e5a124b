using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Endpoints;

/// <summary>Rules of Endpoints (Kubernetes, ValidateEndpoints).</summary>
internal sealed class EndpointsStrategy : ResourceStrategy
{
    private const int MostPorts = 20_000;

    public override void Default(JsonObject o)
    {
        foreach (var port in JsonFilling.Items(o, "subsets").SelectMany(s => JsonFilling.Items(s, "ports")))
        {
            JsonFilling.Set(port, "protocol", "TCP");
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var subsets = JsonFilling.Items(o, "subsets").ToList();
        for (var i = 0; i < subsets.Count; i++)
        {
            foreach (var list in (string[])["addresses", "notReadyAddresses"])
            {
                var addresses = JsonFilling.Items(subsets[i], list).ToList();
                for (var a = 0; a < addresses.Count; a++)
                {
                    var ip = (string?)addresses[a]["ip"] ?? "";
                    if (IpAddresses.Objection(ip) is { } why)
                    {
                        errors.Invalid($"subsets[{i}].{list}[{a}].ip", ip, why);
                    }

                    if ((string?)addresses[a]["hostname"] is { Length: > 0 } host && Names.Label(host) is { } wrong)
                    {
                        errors.Invalid($"subsets[{i}].{list}[{a}].hostname", host, wrong);
                    }
                }
            }

            if (!JsonFilling.Items(subsets[i], "addresses").Concat(JsonFilling.Items(subsets[i], "notReadyAddresses")).Any())
            {
                errors.Required($"subsets[{i}]", "must specify `addresses` or `notReadyAddresses`");
            }

            EndpointPorts.Validate($"subsets[{i}].ports", subsets[i], MostPorts, errors);
        }
    }
}
