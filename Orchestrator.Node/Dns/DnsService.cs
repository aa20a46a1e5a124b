using System.Collections.Immutable;
using System.Net;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Node.Dns;

/// <summary>A service by its names.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Addresses">Its cluster IPs; none if it is headless or an alias.</param>
/// <param name="Alias">The name that it stands for; null for none.</param>
/// <param name="Ports">Its ports that have names.</param>
/// <param name="Endpoints">Who answers for it, if it is headless.</param>
internal sealed record DnsService(string Namespace, string Name, ImmutableArray<IPAddress> Addresses, string? Alias, ImmutableArray<DnsPort> Ports, ImmutableArray<DnsEndpoint> Endpoints)
{
    /// <summary>Reads a service and its slices. Null if it has no names.</summary>
    public static DnsService? Of(KubeObject service, IEnumerable<KubeObject> slices)
    {
        var spec = service.As<V1Service>().Spec;
        if (spec?.Type == "ExternalName")
        {
            return spec.ExternalName is { Length: > 0 } alias ? new DnsService(service.Namespace, service.Name, [], alias.TrimEnd('.').ToLowerInvariant(), [], []) : null;
        }

        ImmutableArray<DnsPort> ports = [.. (spec?.Ports ?? []).Where(p => p.Name is { Length: > 0 }).Select(p => new DnsPort(p.Name, (p.Protocol ?? "TCP").ToLowerInvariant(), p.Port))];
        return spec?.ClusterIP switch
        {
            ServiceForm.NoAddress => new DnsService(service.Namespace, service.Name, [], null, [], [.. slices.Select(s => s.As<V1EndpointSlice>()).SelectMany(ReadyOf).GroupBy(e => (e.Label, e.Address)).Select(Merged)]),
            { } text => (spec.ClusterIPs is { Count: > 0 } all ? all : [text]).Select(Parse).OfType<IPAddress>().ToImmutableArray() is { IsEmpty: false } addresses ? new DnsService(service.Namespace, service.Name, addresses, null, ports, []) : null,
            _ => null,
        };
    }

    /// <summary>The names that clients ask for to reach a service.</summary>
    public static IEnumerable<(string Name, DnsType Type)> NamesOf(KubeObject service)
    {
        var name = $"{service.Name}.{service.Namespace}.svc.{DnsZone.Domain}";
        var spec = service.As<V1Service>().Spec;
        IEnumerable<DnsType> types = spec?.Type == "ExternalName" ? [DnsType.Cname] : (spec is null ? [] : ServiceFamilies.Of(spec)).Select(f => f == IpFamilies.V6 ? DnsType.Aaaa : DnsType.A);
        return [.. types.Select(t => (name, t)),
            .. (spec?.Ports ?? []).Where(p => p.Name is { Length: > 0 }).Select(p => ($"_{p.Name}._{(p.Protocol ?? "TCP").ToLowerInvariant()}.{name}", DnsType.Srv))];
    }

    private static IEnumerable<DnsEndpoint> ReadyOf(V1EndpointSlice slice)
    {
        ImmutableArray<DnsPort> ports = [.. (slice.Ports ?? []).Where(p => p.Name is { Length: > 0 } && p.Port is > 0).Select(p => new DnsPort(p.Name, (p.Protocol ?? "TCP").ToLowerInvariant(), p.Port!.Value))];
        return from endpoint in slice.Endpoints ?? []
               where endpoint.Conditions?.Ready ?? true
               let address = Parse(endpoint.Addresses?.FirstOrDefault())
               where address is not null
               select new DnsEndpoint(endpoint.Hostname is { Length: > 0 } named ? named.ToLowerInvariant() : address.ToString().Replace('.', '-').Replace(':', '-'), address, ports);
    }

    // Several slices may have an address, each with other ports.
    private static DnsEndpoint Merged(IEnumerable<DnsEndpoint> same) => same.First() with { Ports = [.. same.SelectMany(e => e.Ports).Distinct()] };

    private static IPAddress? Parse(string? text) => IPAddress.TryParse(text, out var address) && !address.IsIPv4MappedToIPv6 ? address : null;
}

/// <summary>A port with a name.</summary>
internal sealed record DnsPort(string Name, string Protocol, int Number);

/// <summary>An endpoint of a headless service.</summary>
/// <param name="Label">Its name below that of the service: its host name, or its address with dashes.</param>
/// <param name="Address">Its address.</param>
/// <param name="Ports">Its ports that have names.</param>
internal sealed record DnsEndpoint(string Label, IPAddress Address, ImmutableArray<DnsPort> Ports);
