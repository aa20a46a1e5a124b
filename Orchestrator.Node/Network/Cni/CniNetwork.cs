using System.Collections.Concurrent;
using System.Net;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Network.Cni;

/// <summary>The network of a node's pods, made by the plugins of the host's CNI configuration. The namespace of a pod is made by the agent, everything in it by them. The configuration is read
/// again whenever something is asked for, so that a change is heeded at once; pods that have a network keep the configuration it was made with.</summary>
internal sealed class CniNetwork : IPodNetwork
{
    // No pod has such a uid.
    private const string Trial = "trial";
    private const int MostRemovals = 8;
    private readonly NetworkNames _names;
    private readonly CniRecords _records;
    private readonly string _folder;
    private readonly CniPrograms _programs;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly KeyedLocks _locks = new();
    private readonly Lock _ports = new();
    private readonly ConcurrentDictionary<string, CniRecord?> _pods;
    private readonly ConcurrentDictionary<string, bool> _inherited = new();
    private CniChain? _chain;
    private volatile PodRoom? _room;
    private volatile IPAddress? _gateway;
    private bool _hasCollected;

    /// <summary>Creates it. Pods that have a network keep it; plugins that an agent before this one began are ended.</summary>
    /// <param name="names">Names of the node.</param>
    /// <param name="records">Which pod has what.</param>
    /// <param name="folder">Folder of the configuration.</param>
    /// <param name="programs">Runs plugins.</param>
    /// <param name="areEnforcing">Whether the plugins enforce network policies.</param>
    public CniNetwork(NetworkNames names, CniRecords records, string folder, CniPrograms programs, bool areEnforcing = false)
    {
        (_names, _records, _folder, _programs, Policies) = (names, records, folder, programs, areEnforcing ? PolicyEnforcer.Network : PolicyEnforcer.Nobody);
        _pods = new ConcurrentDictionary<string, CniRecord?>(records.Read());
        foreach (var uid in _pods.Keys)
        {
            _inherited[uid] = true;
        }

        CniOrphans.End(_pods.Keys.Select(uid => NetworkNames.PathOf(names.For(uid))));
    }

    /// <inheritdoc/>
    public string? Fault { get; private set; } = "the network configuration of the host has not been read yet";

    /// <inheritdoc/>
    public PolicyEnforcer Policies { get; }

    /// <inheritdoc/>
    public bool IsPod(IPAddress address) => _pods.Values.Any(r => r?.Result?.Addresses.All.Contains(address) == true);

    /// <inheritdoc/>
    public Task UseAsync(string podCidrs, CancellationToken cancellation)
    {
        _room = PodRoom.Of(podCidrs);
        return ReadyAsync(cancellation);
    }

    /// <inheritdoc/>
    public async Task<IPAddress?> GatewayAsync(CancellationToken cancellation)
    {
        await ReadyAsync(cancellation).ConfigureAwait(false);
        return _gateway;
    }

    /// <inheritdoc/>
    /// <remarks>That is what the plugins are for.</remarks>
    public Task ReachAsync(IReadOnlyCollection<NodeRange> peers, IReadOnlyList<IPAddress> hosts, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<PodNetwork> AddAsync(string podUid, PodNetworkWish wanted, CancellationToken cancellation)
    {
        var chain = await ReadyAsync(cancellation).ConfigureAwait(false);
        using var held = await _locks.EnterAsync(podUid).ConfigureAwait(false);
        _inherited.TryRemove(podUid, out _);
        var record = await EnsureAsync(chain, podUid, wanted, cancellation).ConfigureAwait(false);
        await NamespaceMaker.SetAsync(_names.For(podUid), wanted.Sysctls).ConfigureAwait(false);
        return Described(podUid, record)!;
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Pods => [.. _pods.Keys];

    /// <inheritdoc/>
    public PodNetwork? Find(string podUid) => _pods.TryGetValue(podUid, out var record) ? Described(podUid, record) : null;

    /// <inheritdoc/>
    public async Task RemoveAsync(string podUid, CancellationToken cancellation)
    {
        using var held = await _locks.EnterAsync(podUid).ConfigureAwait(false);
        await DeleteAsync(podUid, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task KeepAsync(IReadOnlySet<string> podUids, CancellationToken cancellation)
    {
        var failed = new ConcurrentQueue<NetworkException>();
        await Parallel.ForEachAsync(_inherited.Keys.Where(u => !podUids.Contains(u)), new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = MostRemovals }, async (uid, token) =>
        {
            using var held = await _locks.EnterAsync(uid).ConfigureAwait(false);
            try
            {
                // Somebody may want it since.
                await (_inherited.ContainsKey(uid) ? DeleteAsync(uid, token) : Task.CompletedTask).ConfigureAwait(false);
            }
            catch (NetworkException e)
            {
                failed.Enqueue(e);
            }
        }).ConfigureAwait(false);
        if (failed.TryPeek(out var first))
        {
            throw first;
        }
    }

    /// <summary>Takes down the networks of all pods, for a node that does not run.</summary>
    /// <exception cref="NetworkException">One is still there.</exception>
    public Task RemoveAllAsync(CancellationToken cancellation) => KeepAsync(new HashSet<string>(), cancellation);

    private async Task<CniChain> ReadyAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var configuration = CniFolder.Read(_folder);
            if (_chain is { } known && known.Configuration.IsSame(configuration))
            {
                await known.StatusAsync(cancellation).ConfigureAwait(false);
            }
            else
            {
                _chain = await BeginAsync(configuration, cancellation).ConfigureAwait(false);
            }

            Fault = null;
            return _chain!;
        }
        catch (NetworkException e)
        {
            (_chain, Fault) = (null, e.Message);
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<CniChain> BeginAsync(CniConfiguration configuration, CancellationToken cancellation)
    {
        try
        {
            var chain = await CniChain.OfAsync(configuration, _programs, cancellation).ConfigureAwait(false);
            await chain.StatusAsync(cancellation).ConfigureAwait(false);
            if (!_hasCollected)
            {
                // Before the first pod of this process, so that none is added meanwhile.
                await chain.CollectAsync([.. _pods.Keys], cancellation).ConfigureAwait(false);
                _hasCollected = true;
            }

            _gateway = _pods.Values.Where(r => r?.Configuration.IsSame(configuration) == true).Select(r => OfHost(r!.Result?.Gateway)).FirstOrDefault(g => g is not null);
            if (_gateway is null)
            {
                await TryAsync(chain, cancellation).ConfigureAwait(false);
            }

            return chain;
        }
        catch (NetworkException e)
        {
            throw new NetworkException($"{configuration.File}: {e.Message}");
        }
    }

    // A pod must be told where names are resolved before it has a network, so one that nobody has tells the gateway. If that fails, the first pod tells, also what went wrong.
    private async Task TryAsync(CniChain chain, CancellationToken cancellation)
    {
        using var held = await _locks.EnterAsync(Trial).ConfigureAwait(false);
        try
        {
            await EnsureAsync(chain, Trial, new PodNetworkWish([], []), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NetworkException or IOException or UnauthorizedAccessException)
        {
            return;
        }

        await DeleteAsync(Trial, cancellation).ConfigureAwait(false);
    }

    private async Task<CniRecord> EnsureAsync(CniChain chain, string podUid, PodNetworkWish wanted, CancellationToken cancellation)
    {
        if (_pods.TryGetValue(podUid, out var record))
        {
            if (record is not null && await IsWholeAsync(podUid, record, cancellation).ConfigureAwait(false))
            {
                return record;
            }

            await DeleteAsync(podUid, cancellation).ConfigureAwait(false);
        }

        try
        {
            return await MakeAsync(chain, podUid, wanted, cancellation).ConfigureAwait(false);
        }
        catch
        {
            // What cannot be removed now has its record, and is removed with the pod or before the next try.
            await DeleteAsync(podUid, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private async Task<bool> IsWholeAsync(string podUid, CniRecord record, CancellationToken cancellation)
    {
        if (record.Result is null || Described(podUid, record) is null)
        {
            return false;
        }

        try
        {
            await record.Chain(_programs).CheckAsync(record.Attachment, record.Last!, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (NetworkException)
        {
            return false;
        }
    }

    private async Task<CniRecord> MakeAsync(CniChain chain, string podUid, PodNetworkWish wanted, CancellationToken cancellation)
    {
        if (_room is null && chain.Configuration.Plugins.Any(p => p.Has(CniRuntime.Ranges)))
        {
            throw new NetworkException("the node has no range of pod addresses yet (spec.podCIDRs)");
        }

        var name = _names.For(podUid);
        var record = new CniRecord(chain.Configuration, chain.Version, _programs.Folders,
            new CniAttachment(podUid, NetworkNames.PathOf(name), CniRuntime.Arguments(podUid, wanted), CniRuntime.Of(wanted.Ports, _room)), wanted.Ports);
        lock (_ports)
        {
            foreach (var port in wanted.Ports)
            {
                HostPorts.Check(port, _pods.Values.SelectMany(r => r?.Ports ?? []));
            }

            _pods[podUid] = record;
        }

        _records.Write(podUid, record);
        await RemoveNamespaceAsync(name, cancellation).ConfigureAwait(false);
        await NamespaceMaker.MakeEmptyAsync(name, cancellation).ConfigureAwait(false);
        var result = await chain.AddAsync(record.Attachment, last => Keep(record with { Last = last }), cancellation).ConfigureAwait(false);
        Keep(record with { Result = result });
        _gateway = OfHost(result.Gateway) ?? _gateway;
        return record;

        void Keep(CniRecord now)
        {
            _pods[podUid] = record = now;
            _records.Write(podUid, now);
        }
    }

    // Plugins first, then the namespace, then the record: whoever is killed in between begins again.
    private async Task DeleteAsync(string podUid, CancellationToken cancellation)
    {
        if (!_pods.TryGetValue(podUid, out var known))
        {
            return;
        }

        var record = known ?? Assumed(podUid);
        try
        {
            await record.Chain(_programs).DeleteAsync(record.Attachment, record.Last, cancellation).ConfigureAwait(false);
        }
        catch (NetworkException) when (record.Last is null && Assumed(podUid) is { } assumed && !assumed.Configuration.IsSame(record.Configuration))
        {
            // A configuration that plugins refuse may be refused with everything. It is another one now.
            await assumed.Chain(_programs).DeleteAsync(assumed.Attachment, null, cancellation).ConfigureAwait(false);
        }

        await RemoveNamespaceAsync(_names.For(podUid), cancellation).ConfigureAwait(false);
        _records.Remove(podUid);
        _pods.TryRemove(podUid, out _);
        _inherited.TryRemove(podUid, out _);
        await HostPorts.ForgetAsync(record.Ports, cancellation).ConfigureAwait(false);
    }

    // A record that cannot be read was lost with the power of the host: the pod was most likely made with the configuration that is there.
    private CniRecord Assumed(string podUid)
    {
        var configuration = _chain?.Configuration ?? CniFolder.Read(_folder);
        var version = _chain?.Version ?? CniVersions.Known.First(configuration.Versions.Contains);
        return new CniRecord(configuration, version, _programs.Folders,
            new CniAttachment(podUid, NetworkNames.PathOf(_names.For(podUid)), CniRuntime.Arguments(podUid, new PodNetworkWish([], [])), []), []);
    }

    private static Task RemoveNamespaceAsync(string name, CancellationToken cancellation) => NamespaceMaker.RemoveAsync(NamespaceMaker.IsMade(name) ? [name] : [], cancellation);

    private PodNetwork? Described(string podUid, CniRecord? record) =>
        record?.Result?.Addresses is { } addresses && NamespaceMaker.IsMade(_names.For(podUid)) ? new PodNetwork(addresses, record.Attachment.Namespace) : null;

    private static IPAddress? OfHost(IPAddress? gateway) => gateway is not null && HostInterfaces.Addresses().Any(a => a.Unicast.Address.Equals(gateway)) ? gateway : null;
}
