using System.Collections.Immutable;
using Orchestrator.Node.Network;

namespace Orchestrator.Node.Proxy;

/// <summary>The datagrams of senders that go on although their service leads elsewhere now: the kernel has to forget them, or they would go on to an endpoint that is left, or to nobody
/// if there was none when they began. Streams end by themselves.</summary>
internal sealed class StaleFlows
{
    private static readonly ImmutableHashSet<DatagramFlow> None = [];
    private readonly Dictionary<string, ImmutableHashSet<DatagramFlow>> _known = [];
    private ImmutableHashSet<DatagramFlow> _stale = None;
    private bool _isBegun;

    /// <summary>The rules of a service are about to be written.</summary>
    /// <param name="service">Its name.</param>
    /// <param name="routes">The service, of each family; none if packets do not meet it.</param>
    public void Note(string service, IEnumerable<ServiceRoute> routes)
    {
        var (before, now) = (_known.GetValueOrDefault(service, None), routes.Aggregate(None, (all, r) => all.Union(Of(r))));

        // Those to an endpoint that is left, and those from before there was one.
        _stale = _stale.Union(before.Except(now).Where(f => f.IsToPod)).Union(now.Except(before).Where(f => !f.IsToPod));
        if (now.IsEmpty)
        {
            _known.Remove(service);
        }
        else
        {
            _known[service] = now;
        }
    }

    /// <summary>What has become stale since it was last asked for. It is to be forgotten when the rules are written. The first time that is nothing: an agent that begins anew finds the rules of
    /// the one before, by which flows are right.</summary>
    public ImmutableHashSet<DatagramFlow> Take()
    {
        var stale = _isBegun ? _stale : None;
        (_stale, _isBegun) = (None, true);
        return stale;
    }

    // By where a service leads, and by the addresses and ports that lead anywhere at all.
    private static ImmutableHashSet<DatagramFlow> Of(ServiceRoute route)
    {
        var flows = None.ToBuilder();
        foreach (var port in route.Ports.Where(p => p.Protocol == "UDP"))
        {
            var endpoints = port.Endpoints.Where(e => e.IsReady || e.IsDraining).ToList();
            flows.UnionWith(endpoints.Select(e => DatagramFlow.ToPod(e.Address, e.Port)));
            if (endpoints.Count > 0)
            {
                flows.UnionWith(route.ExternalAddresses.Concat(route.BalancerAddresses).Append(route.Address).Select(a => DatagramFlow.ToAddress(a, port.Number)));
                flows.UnionWith(port.NodePort > 0 ? [DatagramFlow.ToPort(port.NodePort)] : []);
            }
        }

        return flows.ToImmutable();
    }
}
