using System.Globalization;
using System.Text;
using Orchestrator.Node.Network;

namespace Orchestrator.Node.Proxy;

/// <summary>The packet rules of all services, in a table of their own, and the transactions for <c>nft</c> that change them. What a service shares with others counts once, for the first of
/// them by name.</summary>
/// <param name="names">Names of the node.</param>
internal sealed class RuleBook(NetworkNames names)
{
    private readonly Dictionary<string, ServiceRules> _services = [];
    private readonly Dictionary<(string Map, string Key), SortedDictionary<string, string>> _shared = [];

    /// <summary>The services that have rules.</summary>
    public IReadOnlyCollection<string> Services => _services.Keys;

    /// <summary>The transaction that makes the whole table as it is here, in place of what there was. Connections that the kernel knows are not cut by it.</summary>
    public string Whole()
    {
        var text = new StringBuilder(Frame());
        var (known, table) = (_services.ToList(), new RuleBook(names));
        foreach (var (service, rules) in known)
        {
            table.Append(text, service, rules);
        }

        return text.ToString();
    }

    /// <summary>Changes the rules of services.</summary>
    /// <param name="changes">New rules by the name of the service; those of a service that is gone are <see cref="ServiceRules.None"/>.</param>
    /// <returns>The transaction; empty if nothing changes.</returns>
    public string Change(IEnumerable<KeyValuePair<string, ServiceRules>> changes)
    {
        var text = new StringBuilder();
        foreach (var (service, rules) in changes)
        {
            Append(text, service, rules);
        }

        return text.ToString();
    }

    /// <summary>What the table consists of without any service.</summary>
    private string Frame()
    {
        var own = $"\"{names.Prefix}*\"";
        return $$"""
            table ip {{names.ServiceTable}}
            delete table ip {{names.ServiceTable}}
            table ip {{names.ServiceTable}} {
              map {{ServiceRules.Ports}} { type ipv4_addr . inet_proto . inet_service : verdict; }
              map {{ServiceRules.NodePorts}} { type inet_proto . inet_service : verdict; }
              set {{ServiceRules.Addresses}} { type ipv4_addr; }
              set {{ServiceRules.Refused}} { type ipv4_addr . inet_proto . inet_service; }
              set {{ServiceRules.RefusedNodePorts}} { type inet_proto . inet_service; }
              set {{ServiceRules.Hairpins}} { type ipv4_addr . ipv4_addr; }
              chain answer {
                meta l4proto tcp reject with tcp reset
                reject
              }
              chain services {
                ip daddr . meta l4proto . th dport vmap @{{ServiceRules.Ports}}
                fib daddr type local ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @{{ServiceRules.NodePorts}}
              }
              chain refuse {
                ip daddr @{{ServiceRules.Addresses}} jump answer
                ip daddr . meta l4proto . th dport @{{ServiceRules.Refused}} jump answer
                fib daddr type local meta l4proto . th dport @{{ServiceRules.RefusedNodePorts}} jump answer
              }
              chain prerouting { type nat hook prerouting priority dstnat; policy accept; iifname "{{NetworkNames.Start}}*" iifname != {{own}} accept; jump services; }
              chain output { type nat hook output priority -100; policy accept; jump services; }
              chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                meta mark & {{ServiceRules.Mark}} != 0 meta mark set meta mark & 0xfffeffff masquerade
                ip saddr . ip daddr @{{ServiceRules.Hairpins}} masquerade
              }
              chain filter-input { type filter hook input priority filter; policy accept; ct state new jump refuse; }
              chain filter-forward { type filter hook forward priority filter; policy accept; ct state new jump refuse; }
              chain filter-output { type filter hook output priority filter; policy accept; ct state new jump refuse; }
            }

            """;
    }

    // In this order nothing is used before it is there, nor removed while it is used.
    private void Append(StringBuilder text, string service, ServiceRules after)
    {
        var before = _services.GetValueOrDefault(service, ServiceRules.None);
        foreach (var (set, seconds) in after.Clients.Where(c => !before.Clients.ContainsKey(c.Key)))
        {
            Line(text, string.Create(CultureInfo.InvariantCulture, $"add set ip {names.ServiceTable} {set} {{ type ipv4_addr; flags dynamic, timeout; timeout {seconds}s; }}"));
        }

        var chains = after.Chains.Where(c => !before.Chains.TryGetValue(c.Key, out var old) || !old.SequenceEqual(c.Value)).ToList();
        foreach (var (chain, _) in chains)
        {
            Line(text, $"add chain ip {names.ServiceTable} {chain}");
        }

        foreach (var (chain, rules) in chains)
        {
            if (before.Chains.ContainsKey(chain))
            {
                Line(text, $"flush chain ip {names.ServiceTable} {chain}");
            }

            foreach (var rule in rules)
            {
                Line(text, $"add rule ip {names.ServiceTable} {chain} {rule}");
            }
        }

        foreach (var element in before.Elements.Keys.Union(after.Elements.Keys).OrderBy(e => e.Map, StringComparer.Ordinal).ThenBy(e => e.Key, StringComparer.Ordinal))
        {
            var old = Effective(element);
            Share(element, service, after.Elements.GetValueOrDefault(element));
            var now = Effective(element);
            if (old is not null && old != now)
            {
                Line(text, $"delete element ip {names.ServiceTable} {element.Map} {{ {element.Key} }}");
            }

            if (now is not null && old != now)
            {
                Line(text, $"add element ip {names.ServiceTable} {element.Map} {{ {element.Key}{(now.Length == 0 ? "" : $" : {now}")} }}");
            }
        }

        var gone = before.Chains.Keys.Where(c => !after.Chains.ContainsKey(c)).ToList();
        foreach (var chain in gone)
        {
            Line(text, $"flush chain ip {names.ServiceTable} {chain}");
        }

        foreach (var chain in gone)
        {
            Line(text, $"delete chain ip {names.ServiceTable} {chain}");
        }

        foreach (var set in before.Clients.Keys.Where(c => !after.Clients.ContainsKey(c)))
        {
            Line(text, $"delete set ip {names.ServiceTable} {set}");
        }

        if (after.Elements.IsEmpty)
        {
            _services.Remove(service);
        }
        else
        {
            _services[service] = after;
        }
    }

    private string? Effective((string, string) element) => _shared.TryGetValue(element, out var owners) ? owners.First().Value : null;

    private void Share((string, string) element, string service, string? value)
    {
        if (value is not null)
        {
            (_shared.TryGetValue(element, out var owners) ? owners : _shared[element] = new(StringComparer.Ordinal))[service] = value;
        }
        else if (_shared.TryGetValue(element, out var owners) && owners.Remove(service) && owners.Count == 0)
        {
            _shared.Remove(element);
        }
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
