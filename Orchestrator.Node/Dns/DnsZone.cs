using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Node.Dns;

/// <summary>The names of a cluster, as they are at one moment. Pure.</summary>
/// <remarks>Rules: Kubernetes, "DNS for Services and Pods", and the specification of DNS-based service discovery, version 1.1.0.</remarks>
internal sealed record DnsZone
{
    /// <summary>The domain of the cluster.</summary>
    public const string Domain = "cluster.local";

    private const string Version = "1.1.0";
    private const string Reverse = ".in-addr.arpa";
    private const string ReverseOfIPv6 = ".ip6.arpa";

    /// <summary>A zone without services.</summary>
    public static readonly DnsZone Empty = new();

    private ImmutableDictionary<(string Namespace, string Name), DnsService> Services { get; init; } = ImmutableDictionary<(string, string), DnsService>.Empty;

    private ImmutableDictionary<string, int> Namespaces { get; init; } = ImmutableDictionary<string, int>.Empty;

    private ImmutableDictionary<IPAddress, ImmutableSortedSet<string>> Owners { get; init; } = ImmutableDictionary<IPAddress, ImmutableSortedSet<string>>.Empty;

    /// <summary>The zone with a service as it is now; null if it is gone or has no names.</summary>
    public DnsZone With(string ns, string name, DnsService? service)
    {
        var (services, namespaces, owners) = (Services, Namespaces, Owners);
        if (services.TryGetValue((ns, name), out var before))
        {
            services = services.Remove((ns, name));
            namespaces = namespaces[ns] == 1 ? namespaces.Remove(ns) : namespaces.SetItem(ns, namespaces[ns] - 1);
            foreach (var (address, owner) in Names(before))
            {
                owners = owners[address].Remove(owner) is { IsEmpty: false } left ? owners.SetItem(address, left) : owners.Remove(address);
            }
        }

        if (service is not null)
        {
            services = services.Add((ns, name), service);
            namespaces = namespaces.SetItem(ns, namespaces.GetValueOrDefault(ns) + 1);
            foreach (var (address, owner) in Names(service))
            {
                owners = owners.SetItem(address, owners.GetValueOrDefault(address, ImmutableSortedSet.Create<string>(StringComparer.Ordinal)).Add(owner));
            }
        }

        return new DnsZone { Services = services, Namespaces = namespaces, Owners = owners };
    }

    /// <summary>Whether a name, in lower case and without a dot at its end, is in the domain of the cluster.</summary>
    public static bool IsOfCluster(string name) => name == Domain || name.EndsWith($".{Domain}", StringComparison.Ordinal);

    /// <summary>Answers a question.</summary>
    /// <param name="name">The name in lower case, without a dot at its end.</param>
    /// <param name="type">What is asked for.</param>
    /// <returns>The answer; null if the name is not of this cluster.</returns>
    public DnsAnswer? Answer(string name, DnsType type)
    {
        if (IsOfCluster(name))
        {
            var labels = name == Domain ? [] : name[..^(Domain.Length + 1)].Split('.');
            return labels switch
            {
                [] => DnsAnswer.NoData,
                ["dns-version"] => Of(type, new DnsRecord(DnsType.Txt, name) { Text = Version }),
                ["svc"] or ["pod"] => DnsAnswer.NoData,
                [var ns, "svc"] => Namespaces.ContainsKey(ns) ? DnsAnswer.NoData : DnsAnswer.NoName,
                [var ip, _, "pod"] => (IPv4(ip.Replace('-', '.')) ?? IPv6(ip.Replace('-', ':'))) is { } pod ? Of(type, Record(name, pod)) : DnsAnswer.NoName,
                [.. var below, var service, var ns, "svc"] when Services.TryGetValue((ns, service), out var found) => OfService(name, type, found, below),
                _ => DnsAnswer.NoName,
            };
        }

        return Reversed(name) is { } address && Owners.TryGetValue(address, out var owners)
            ? type == DnsType.Ptr || type == DnsType.Any ? new DnsAnswer(true, [.. owners.Select(o => new DnsRecord(DnsType.Ptr, name) { Target = o })]) : DnsAnswer.NoData
            : null;
    }

    // Without the short forms that the runtime library reads too.
    private static IPAddress? IPv4(string text) => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text ? address : null;

    private static IPAddress? IPv6(string text) => text.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(text, out var address) ? address : null;

    // The numbers of an address of IPv4 from the last one on, or the digits of one of IPv6 (RFC 1035, RFC 3596).
    private static IPAddress? Reversed(string name) =>
        name.EndsWith(Reverse, StringComparison.Ordinal) ? IPv4(string.Join('.', name[..^Reverse.Length].Split('.').Reverse()))
        : name.EndsWith(ReverseOfIPv6, StringComparison.Ordinal) && name[..^ReverseOfIPv6.Length].Split('.') is { Length: 32 } digits && digits.All(d => d is [var digit] && char.IsAsciiHexDigit(digit))
            ? new IPAddress(Convert.FromHexString(string.Concat(digits.Reverse()))) : null;

    private static DnsAnswer OfService(string name, DnsType type, DnsService service, string[] below)
    {
        if (service.Alias is { } alias)
        {
            return below.Length == 0 ? new DnsAnswer(true, [new DnsRecord(DnsType.Cname, name) { Target = alias }]) : DnsAnswer.NoName;
        }

        switch (below)
        {
            case []:
                return Of(type, [.. (service.Addresses is { IsEmpty: false } own ? own : service.Endpoints.Select(e => e.Address)).Distinct().Select(a => Record(name, a))]);
            case [var label] when service.Endpoints.Where(e => e.Label == label).ToList() is { Count: > 0 } named:
                return Of(type, [.. named.Select(e => Record(name, e.Address)).Distinct()]);
            case [var port, var protocol] when port.StartsWith('_') && protocol.StartsWith('_'):
                var records = Srv(name, service, port[1..], protocol[1..]).ToImmutableArray();
                return records.IsEmpty ? DnsAnswer.NoName : Of(type, [.. records.Select(r => r.Srv).Distinct()]) with { Additional = type == DnsType.Srv ? [.. records.Select(r => r.Address)] : [] };
            case [var protocol] when protocol is "_tcp" or "_udp" or "_sctp" && service.Ports.Concat(service.Endpoints.SelectMany(e => e.Ports)).Any(p => p.Protocol == protocol[1..]):
                return DnsAnswer.NoData;
            default:
                return DnsAnswer.NoName;
        }
    }

    private static IEnumerable<(DnsRecord Srv, DnsRecord Address)> Srv(string name, DnsService service, string port, string protocol)
    {
        var owner = NameOf(service);
        foreach (var found in service.Ports.Where(p => (p.Name, p.Protocol) == (port, protocol)))
        {
            foreach (var address in service.Addresses)
            {
                yield return (new DnsRecord(DnsType.Srv, name) { Target = owner, Port = found.Number }, Record(owner, address));
            }
        }

        foreach (var endpoint in service.Endpoints)
        {
            foreach (var found in endpoint.Ports.Where(p => (p.Name, p.Protocol) == (port, protocol)))
            {
                yield return (new DnsRecord(DnsType.Srv, name) { Target = $"{endpoint.Label}.{owner}", Port = found.Number }, Record($"{endpoint.Label}.{owner}", endpoint.Address));
            }
        }
    }

    private static IEnumerable<(IPAddress Address, string Name)> Names(DnsService service) => service.Addresses is { IsEmpty: false } own ? own.Select(a => (a, NameOf(service)))
        : service.Endpoints.Select(e => (e.Address, $"{e.Label}.{NameOf(service)}")).Distinct();

    private static string NameOf(DnsService service) => string.Create(CultureInfo.InvariantCulture, $"{service.Name}.{service.Namespace}.svc.{Domain}");

    private static DnsRecord Record(string name, IPAddress address) => new(address.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa, name) { Address = address };

    private static DnsAnswer Of(DnsType asked, params ImmutableArray<DnsRecord> records) => asked == DnsType.Any ? new DnsAnswer(true, records) : new DnsAnswer(true, [.. records.Where(r => r.Type == asked)]);
}

/// <summary>Types of records that the cluster has, and what may be asked for besides.</summary>
public enum DnsType
{
    /// <summary>Another type, of which there is nothing.</summary>
    Other,

    /// <summary>An IPv4 address.</summary>
    A,

    /// <summary>An IPv6 address.</summary>
    Aaaa,

    /// <summary>Port and name of who answers for a service.</summary>
    Srv,

    /// <summary>The name of an address.</summary>
    Ptr,

    /// <summary>Another name.</summary>
    Cname,

    /// <summary>A text.</summary>
    Txt,

    /// <summary>Whatever there is.</summary>
    Any,
}

/// <summary>A record.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Name">Its name.</param>
internal sealed record DnsRecord(DnsType Type, string Name)
{
    /// <summary>Of types A and AAAA.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Of types SRV, PTR and CNAME.</summary>
    public string? Target { get; init; }

    /// <summary>Of type SRV.</summary>
    public int Port { get; init; }

    /// <summary>Of type TXT.</summary>
    public string? Text { get; init; }
}

/// <summary>An answer.</summary>
/// <param name="Exists">Whether the name exists.</param>
/// <param name="Records">The records; none if there are none of the type.</param>
internal sealed record DnsAnswer(bool Exists, ImmutableArray<DnsRecord> Records)
{
    /// <summary>The name exists and has no record of the type.</summary>
    public static readonly DnsAnswer NoData = new(true, []);

    /// <summary>There is no such name.</summary>
    public static readonly DnsAnswer NoName = new(false, []);

    /// <summary>Records that whoever asks needs next.</summary>
    public ImmutableArray<DnsRecord> Additional { get; init; } = [];
}
