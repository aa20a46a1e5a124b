using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Validation;

/// <summary>Rules of the ports of Endpoints and EndpointSlices. Pure.</summary>
internal static class EndpointPorts
{
    /// <summary>Validates the ports of an object.</summary>
    /// <param name="path">Path of the list.</param>
    /// <param name="owner">The object with the list <c>ports</c>.</param>
    /// <param name="most">How many there may be.</param>
    /// <param name="errors">Where faults go.</param>
    public static void Validate(string path, JsonObject owner, int most, FieldErrors errors)
    {
        var ports = JsonFilling.Items(owner, "ports").ToList();
        errors.AtMost(path, ports.Count, most);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
        {
            var name = (string?)ports[i]["name"] ?? "";
            if (name.Length > 0 && Names.Label(name) is { } wrong)
            {
                errors.Invalid($"{path}[{i}].name", name, wrong);
            }

            if (!names.Add(name))
            {
                errors.Duplicate($"{path}[{i}].name", name);
            }

            if (ports[i]["port"] is { } number)
            {
                errors.Port($"{path}[{i}].port", number);
            }

            errors.OneOf($"{path}[{i}].protocol", (string?)ports[i]["protocol"], "TCP", "UDP", "SCTP");
        }
    }
}
