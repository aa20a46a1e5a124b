using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Workloads;

/// <summary>An address behind a service.</summary>
/// <param name="Address">The address.</param>
/// <param name="Ports">The ports that the service has there.</param>
public sealed record ServiceEndpoint(string Address, IReadOnlyList<EndpointPort> Ports)
{
    /// <summary>Whether it gets traffic.</summary>
    public bool IsReady { get; init; }

    /// <summary>Whether it answers, even if its pod is being deleted.</summary>
    public bool IsServing { get; init; }

    /// <summary>Whether its pod is being deleted.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>Its node; null if it is on none.</summary>
    public string? Node { get; init; }

    /// <summary>Zone of its node; null if it is not known.</summary>
    public string? Zone { get; init; }

    /// <summary>The zone that is to prefer it (<c>hints.forZones</c>); null for none.</summary>
    public string? ForZone { get; init; }

    /// <summary>The node that is to prefer it (<c>hints.forNodes</c>); null for none.</summary>
    public string? ForNode { get; init; }

    /// <summary>Its name below that of the service; null for none.</summary>
    public string? Hostname { get; init; }

    /// <summary>The pod, as an object reference; null if it is none.</summary>
    public JsonObject? Target { get; init; }

    /// <summary>The family of its address.</summary>
    internal string? Family => IpFamilies.Of(Address);

    /// <summary>Tells it from others of the service.</summary>
    internal string Key => KeyOf(Address, Target);

    internal static string KeyOf(string? address, JsonNode? target) => $"{address} {(string?)target?["uid"]}";
}
