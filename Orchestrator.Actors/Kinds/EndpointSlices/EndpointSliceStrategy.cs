using System.Net.Sockets;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.EndpointSlices;

/// <summary>Rules of EndpointSlices (Kubernetes, ValidateEndpointSlice).</summary>
internal sealed class EndpointSliceStrategy : ResourceStrategy
{
    private const int MostEndpoints = 1000;
    private const int MostAddresses = 100;
    private const int MostPorts = 20_000;

    public override void Default(JsonObject o)
    {
        foreach (var port in JsonFilling.Items(o, "ports"))
        {
            JsonFilling.Set(port, "name", "");
            JsonFilling.Set(port, "protocol", "TCP");
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var type = (string?)o["addressType"];
        if (type is null or "")
        {
            errors.Required("addressType");
        }
        else
        {
            errors.OneOf("addressType", type, "IPv4", "IPv6", "FQDN");
        }

        var endpoints = JsonFilling.Items(o, "endpoints").ToList();
        errors.AtMost("endpoints", endpoints.Count, MostEndpoints);
        for (var i = 0; i < endpoints.Count; i++)
        {
            Addresses($"endpoints[{i}].addresses", endpoints[i], type, errors);
            if ((string?)endpoints[i]["hostname"] is { Length: > 0 } host && Names.Label(host) is { } wrong)
            {
                errors.Invalid($"endpoints[{i}].hostname", host, wrong);
            }
        }

        EndpointPorts.Validate("ports", o, MostPorts, errors);
    }

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors) => errors.Immutable("addressType", o["addressType"], old["addressType"]);

    private static void Addresses(string path, JsonObject endpoint, string? type, FieldErrors errors)
    {
        var addresses = (endpoint["addresses"] as JsonArray ?? []).Select(a => (string?)a ?? "").ToList();
        if (addresses.Count == 0)
        {
            errors.Required(path, "must contain at least 1 address");
        }

        errors.AtMost(path, addresses.Count, MostAddresses);
        for (var i = 0; i < addresses.Count; i++)
        {
            var why = type switch
            {
                "FQDN" => Names.Subdomain(addresses[i].TrimEnd('.')),
                "IPv4" when IpAddresses.IsAddress(addresses[i]) && !IpAddresses.IsAddress(addresses[i], AddressFamily.InterNetwork) => "must be an IPv4 address",
                "IPv6" when IpAddresses.IsAddress(addresses[i]) && !IpAddresses.IsAddress(addresses[i], AddressFamily.InterNetworkV6) => "must be an IPv6 address",
                "IPv4" or "IPv6" => IpAddresses.Objection(addresses[i]),
                _ => null,
            };
            if (why is not null)
            {
                errors.Invalid($"{path}[{i}]", addresses[i], why);
            }
        }
    }
}
