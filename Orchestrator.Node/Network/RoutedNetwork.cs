using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Node.Network;

/// <summary>The network of a node's pods: a namespace for each, joined to the host by a pair of interfaces and a route, without a bridge. Some are made ahead, so that
/// no pod waits for one.</summary>
internal sealed class RoutedNetwork : IPodNetwork, IDisposable
{
    private static readonly TimeSpan Recheck = TimeSpan.FromMinutes(5);
    private const string NoRange = "the node has no range of pod addresses yet (spec.podCIDRs)";
    private static readonly TimeSpan RangeBound = TimeSpan.FromSeconds(30);

    // Pods that start together take what is there; more is made when they have started.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
    private readonly NetworkNames _names;
    private readonly IReadOnlyList<IPNetwork> _clusters;
    private readonly NetworkRecords _records;
    private readonly int _ahead;
    private readonly PeerRoutes _peers;
    private readonly TimeProvider _time;
    private readonly NamespaceMaker _maker;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<string, NetworkRecord> _used = new();
    private readonly HashSet<string> _inherited = [];
    private readonly Queue<PodAddresses> _free = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _refill;
    private readonly long _began;
    private volatile TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isTakenOver;
    private PodRoom? _room;
    private long _looked;
    private PodAddresses? _last;

    /// <summary>Creates it. Pods that have a network keep it; new ones get one after <see cref="UseAsync"/>.</summary>
    /// <param name="names">Names of the node.</param>
    /// <param name="clusters">Addresses of all pods of the cluster: a range of each family, that of their first addresses first.</param>
    /// <param name="records">Which pod has which address.</param>
    /// <param name="ahead">How many namespaces are made ahead; 0 for none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="peers">How packets go to other hosts.</param>
    public RoutedNetwork(NetworkNames names, IReadOnlyList<IPNetwork> clusters, NetworkRecords records, int ahead, TimeProvider time, PeerMode peers = PeerMode.Auto)
    {
        _peers = new PeerRoutes(names, clusters, peers);
        (_names, _clusters, _records, _ahead, _time) = (names, clusters, records, ahead, time);
        _maker = new NamespaceMaker(names);
        _began = time.GetTimestamp();
        TakeOver();
        _refill = time.CreateTimer(_ => _ = RefillAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public string? Fault { get; private set; } = NoRange;

    /// <inheritdoc/>
    public Task UseAsync(string podCidrs, CancellationToken cancellation) => LockedAsync(async () =>
    {
        try
        {
            var room = PodRoom.Of(podCidrs);
            if (room != _room)
            {
                await BeginAsync(room, cancellation).ConfigureAwait(false);
                Refill(TimeSpan.Zero);
            }
            else if (_time.GetElapsedTime(_looked) >= Recheck)
            {
                await LetThroughAsync(cancellation).ConfigureAwait(false);
            }

            Fault = null;
            _ready.TrySetResult();
        }
        catch (Exception e) when (e is NetworkException or IOException or UnauthorizedAccessException)
        {
            // Pods that wait for an address are told; whatever was half done begins anew.
            _room = null;
            Fault = e.Message;
            var waiting = _ready;
            _ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.TrySetException(new NetworkException(e.Message));
            _ = waiting.Task.Exception;
            throw;
        }
    }, cancellation);

    /// <inheritdoc/>
    public PolicyEnforcer Policies => PolicyEnforcer.Node;

    /// <inheritdoc/>
    public bool IsPod(IPAddress address) => _clusters.Any(c => c.Contains(address));

    /// <inheritdoc/>
    public async Task<IPAddress?> GatewayAsync(CancellationToken cancellation)
    {
        await BegunAsync(cancellation).ConfigureAwait(false);
        return _room?.First.Gateway ?? throw new NetworkException(Fault ?? NoRange);
    }

    /// <inheritdoc/>
    public async Task<PodNetwork> AddAsync(string podUid, PodNetworkWish wanted, CancellationToken cancellation)
    {
        await BegunAsync(cancellation).ConfigureAwait(false);
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            _inherited.Remove(podUid);
            if (!_used.TryGetValue(podUid, out var record) || !NamespaceMaker.Exists(_names.For(record.Addresses.First)))
            {
                foreach (var port in wanted.Ports)
                {
                    HostPorts.Check(port, _used.Where(u => u.Key != podUid).SelectMany(u => u.Value.Ports), HasIPv6);
                }

                // Not for the pod alone: what is made is kept whatever becomes of it.
                record = new NetworkRecord(_free.TryDequeue(out var made) ? made : await MakeAsync(_stopping.Token).ConfigureAwait(false), wanted.Ports);
                _records.Write(podUid, record);
                _used[podUid] = record;
                Refill(Quiet);
            }

            // Also of one that it had: whoever began may have failed here.
            if (!wanted.Ports.IsEmpty)
            {
                record = _used[podUid] = record with { Ports = wanted.Ports };
                NamespaceMaker.AllowLoopback(_names.For(record.Addresses.First));
                await ApplyOrDropAsync(podUid, record, cancellation).ConfigureAwait(false);
            }

            await NamespaceMaker.SetAsync(_names.For(record.Addresses.First), wanted.Sysctls).ConfigureAwait(false);
            return Described(record);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async Task ReachAsync(IReadOnlyCollection<NodeRange> peers, IReadOnlyList<IPAddress> hosts, CancellationToken cancellation)
    {
        await BegunAsync(cancellation).ConfigureAwait(false);
        await LockedAsync(() => _room is { } own ? _peers.MakeAsync(peers.Where(p => !p.Ranges.Contains(own.First.Range)), own, hosts, cancellation) : Task.CompletedTask, cancellation).ConfigureAwait(false);
    }

    private async Task BegunAsync(CancellationToken cancellation)
    {
        try
        {
            // Only at the beginning: a pod that waits holds up others.
            var left = Fault is null or NoRange ? RangeBound - _time.GetElapsedTime(_began) : TimeSpan.Zero;
            await _ready.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new NetworkException(Fault ?? NoRange);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Pods => [.. _used.Keys];

    /// <inheritdoc/>
    public PodNetwork? Find(string podUid) => _used.TryGetValue(podUid, out var record) ? Described(record) : null;

    /// <inheritdoc/>
    public async Task RemoveAsync(string podUid, CancellationToken cancellation)
    {
        if (_used.ContainsKey(podUid))
        {
            await LockedAsync(() => ReleaseAsync([podUid], cancellation), cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task KeepAsync(IReadOnlySet<string> podUids, CancellationToken cancellation) => _isTakenOver ? Task.CompletedTask : LockedAsync(async () =>
    {
        await ReleaseAsync([.. _inherited.Where(uid => !podUids.Contains(uid))], cancellation).ConfigureAwait(false);
        _inherited.Clear();
        _isTakenOver = true;
    }, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        _refill.Dispose();
    }

    private async Task BeginAsync(PodRoom room, CancellationToken cancellation)
    {
        var routes = await HostRoutes.ReadAsync(cancellation).ConfigureAwait(false);
        foreach (var range in room.All)
        {
            if (routes.Conflict(range, _names.Prefix) is { } other)
            {
                throw new NetworkException($"the node's pod addresses {range.Range} overlap with {other.Range} of {other.Interface} on this host: choose another pod-cidr for the cluster");
            }
        }

        // What was made ahead, by this process for another range or by one before, and what one before has half made or half removed.
        var kept = _used.Values.Select(r => _names.For(r.Addresses.First)).ToHashSet();
        _free.Clear();
        await NamespaceMaker.RemoveAsync([.. _maker.Present().Where(n => !kept.Contains(n))], cancellation).ConfigureAwait(false);
        _room = room;
        await LetThroughAsync(cancellation).ConfigureAwait(false);
    }

    // A firewall that is loaded anew takes the rules away, and nothing tells of it.
    private async Task LetThroughAsync(CancellationToken cancellation)
    {
        await HostForwarding.AllowAsync(_names, HasIPv6, cancellation).ConfigureAwait(false);
        await PeerRoutes.EndAsync(_names, _room!, cancellation).ConfigureAwait(false);
        await ApplyAsync(cancellation).ConfigureAwait(false);
        _looked = _time.GetTimestamp();
    }

    // A record without its namespace is older than the start of the host.
    private void TakeOver()
    {
        foreach (var (uid, record) in _records.Read())
        {
            if (NamespaceMaker.Exists(_names.For(record.Addresses.First)))
            {
                _used[uid] = record;
                _inherited.Add(uid);
            }
            else
            {
                _records.Remove(uid);
            }
        }
    }

    // The namespace goes before the record: whoever is killed between the two begins again.
    private async Task ReleaseAsync(IReadOnlyCollection<string> podUids, CancellationToken cancellation)
    {
        var records = podUids.Where(_used.ContainsKey).ToDictionary(uid => uid, uid => _used[uid]);
        if (records.Count == 0)
        {
            return;
        }

        await NamespaceMaker.RemoveAsync([.. records.Values.Select(r => _names.For(r.Addresses.First)).Where(_maker.Present().Contains)], cancellation).ConfigureAwait(false);
        foreach (var uid in records.Keys)
        {
            _records.Remove(uid);
            _used.TryRemove(uid, out _);
            _inherited.Remove(uid);
        }

        if (records.Values.Any(r => !r.Ports.IsEmpty))
        {
            await ApplyAsync(cancellation).ConfigureAwait(false);
            await HostPorts.ForgetAsync(records.Values.SelectMany(r => r.Ports), cancellation).ConfigureAwait(false);
        }
    }

    private async Task<PodAddresses> MakeAsync(CancellationToken cancellation)
    {
        var addresses = _room!.Next(_used.Values.Select(r => r.Addresses).Concat(_free).SelectMany(a => a.All).ToHashSet(), _last)
            ?? throw new NetworkException($"all {_room.Size} pod addresses of the node in {_room} are in use");
        _last = addresses;
        var name = _names.For(addresses.First);
        await NamespaceMaker.RemoveAsync([.. _maker.Present().Where(n => n == name)], cancellation).ConfigureAwait(false);
        var routes = await HostRoutes.ReadAsync(cancellation).ConfigureAwait(false);
        try
        {
            await _maker.MakeAsync(addresses, _room.Gateways, routes.Mtu(HostInterfaces.Mtu), cancellation).ConfigureAwait(false);
            return addresses;
        }
        catch (NetworkException)
        {
            await NamespaceMaker.RemoveAsync([.. _maker.Present().Where(n => n == name)], CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    // Without a range they stay as they are until there is one.
    private Task ApplyAsync(CancellationToken cancellation) => _room is null ? Task.CompletedTask : HostTool.ApplyRulesAsync(
        PacketRules.Text(_names, _clusters, [.. _room.All.Select(r => r.Range), .. Strays(_room)], _used.Values.SelectMany(r => r.Ports.Select(p => (r.Addresses, p)))), cancellation);

    private bool HasIPv6 => _room?.All.Any(r => r.Range.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6) == true;

    // Addresses out of a range that the node had before.
    private IEnumerable<IPNetwork> Strays(PodRoom room) => _used.Values.SelectMany(r => r.Addresses.All).Where(a => !room.All.Any(r => r.Range.Contains(a))).Select(a => new IPNetwork(a, IpAddresses.Bits(a)));

    // Rules that are refused with the ports of one pod must not keep those of others from being written.
    private async Task ApplyOrDropAsync(string podUid, NetworkRecord record, CancellationToken cancellation)
    {
        try
        {
            await ApplyAsync(cancellation).ConfigureAwait(false);
        }
        catch (NetworkException)
        {
            _used[podUid] = record with { Ports = [] };
            throw;
        }
    }

    private void Refill(TimeSpan after)
    {
        if (_ahead > 0)
        {
            _refill.Change(after, Timeout.InfiniteTimeSpan);
        }
    }

    // One at a time, so that a pod that starts meanwhile waits for one and not for all.
    private async Task RefillAsync()
    {
        try
        {
            for (var isFull = false; !isFull;)
            {
                await LockedAsync(async () =>
                {
                    isFull = _free.Count >= _ahead;
                    if (!isFull)
                    {
                        _free.Enqueue(await MakeAsync(_stopping.Token).ConfigureAwait(false));
                    }
                }, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is NetworkException or OperationCanceledException or IOException or UnauthorizedAccessException)
        {
            // The next pod makes its own and is told why that fails.
        }
    }

    private async Task LockedAsync(Func<Task> work, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await work().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private PodNetwork Described(NetworkRecord record) => new(record.Addresses, NetworkNames.PathOf(_names.For(record.Addresses.First)));
}
