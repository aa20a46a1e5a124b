using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Workloads;

/// <summary>A port of the endpoints of a service.</summary>
/// <param name="Name">Name of the port of the service; empty for none.</param>
/// <param name="Number">Number of the port of the pod.</param>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
/// <param name="AppProtocol">Protocol of the application; null for none.</param>
public readonly record struct EndpointPort(string Name, int Number, string Protocol, string? AppProtocol)
{
    /// <summary>Reads the ports of an EndpointSlice or of a subset of Endpoints.</summary>
    internal static IReadOnlyList<EndpointPort> Read(JsonNode? ports) => [.. (ports as JsonArray ?? []).OfType<JsonObject>()
        .Select(p => new EndpointPort((string?)p["name"] ?? "", (int?)p["port"] ?? 0, (string?)p["protocol"] ?? "TCP", (string?)p["appProtocol"]))];

    /// <summary>Text that equal lists of ports share, whatever their order.</summary>
    internal static string KeyOf(IEnumerable<EndpointPort> ports) => string.Join(',', ports.Select(p => $"{p.Name}:{p.Number}/{p.Protocol}/{p.AppProtocol}").Order(StringComparer.Ordinal));

    /// <summary>Writes ports.</summary>
    /// <param name="ports">The ports.</param>
    /// <param name="hasEmptyNames">Whether a port without a name has an empty one, as in EndpointSlices.</param>
    internal static JsonArray ToNode(IEnumerable<EndpointPort> ports, bool hasEmptyNames) => [.. ports.OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Number).Select(p =>
    {
        var port = new JsonObject();
        if (p.Name.Length > 0 || hasEmptyNames)
        {
            port["name"] = p.Name;
        }

        (port["port"], port["protocol"]) = (p.Number, p.Protocol);
        if (p.AppProtocol is { Length: > 0 } application)
        {
            port["appProtocol"] = application;
        }

        return port;
    })];
}
