using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.RuntimeClasses;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent.Csi;
using Orchestrator.Node.Agent.Images;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Node.Agent.NodeSetup;
using Orchestrator.Node.Network;
using k8s.Models;
using Akka.Actor;
using Orchestrator.Actors.Kinds.Nodes;

namespace Orchestrator.Node.Agent;

/// <summary>Builds launch requests for the runtime from the spec of a pod; loads and resolves the objects it refers to.</summary>
internal sealed class PodLauncher(AgentServices services)
{
    private static readonly TimeSpan TokenBound = TimeSpan.FromSeconds(10);

    // About as long as the kubelet waits for the volumes of a pod.
    private static readonly TimeSpan VolumeBound = TimeSpan.FromMinutes(2);
    private readonly VolumeManager _volumes = new(services.Volumes, services.Runtime.HasNetwork, new ClaimMounts(services.Node, services.LocalVolumes, services.Runtime.HasNetwork, services.Csi?.Mounts, services.Sizes), services.Csi?.Mounts);
    private readonly CsiLaunch? _csi = services.Csi is { } csi ? new CsiLaunch(services, csi, (pod, cancellation) => AskAsync(services, pod, cancellation)) : null;
    private readonly VolumeWork _work = new(VolumeBound, services.Time);
    private readonly PodTokenStore _tokens = new((pod, cancellation) => AskAsync(services, pod, cancellation), services.Time);

    // What was read for the pod, and how long it is taken without asking once nobody has answered.
    private static readonly TimeSpan KnownBound = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<ObjectKey, KubeObject> _known = new();
    private DateTimeOffset _silentUntil;

    // That of the sandbox, whatever becomes of the class.
    private string? _handler;

    /// <summary>When the tokens in the pod's volumes are to be renewed, or drivers look at its volumes again; null if neither is to be.</summary>
    public DateTimeOffset? VolumesDue => _csi?.Due is { } due && !(_tokens.Due < due) ? due : _tokens.Due;

    /// <summary>Something that the volumes of the pod wait for may have changed.</summary>
    public void Nudge() => _csi?.Nudge();

    /// <summary>The sandbox of a pod, ready to create.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="hostResolver">Content of the host's <c>/etc/resolv.conf</c>; read only if the pod adds to it.</param>
    /// <param name="clusterDns">The server of the cluster's names; null if there is none.</param>
    public static SandboxLaunch Sandbox(PodManifest pod, Func<string> hostResolver, IPAddress? clusterDns = null) => new(
        pod.Metadata.Uid, pod.Metadata.NamespaceProperty, pod.Metadata.Name, PodNames.Kernel(pod), pod.Spec.HostNetwork == true,
        [.. pod.Spec.Lasting().SelectMany(c => c.Ports ?? []).Where(p => p.HostPort is > 0)
            .Select(p => new HostPort(p.HostIP ?? "", p.HostPort!.Value, p.ContainerPort, p.Protocol ?? "TCP"))],
        pod.Spec.SetHostnameAsFQDN == true ? null : PodNames.Domain(pod), PodNames.Resolver(pod.Spec, pod.Metadata.NamespaceProperty, hostResolver, clusterDns))
    {
        IsHostIpc = pod.Spec.HostIPC == true,
        IsProcessNamespaceShared = pod.Spec.ShareProcessNamespace == true,
        Sysctls = [.. (pod.Spec.SecurityContext?.Sysctls ?? []).Select(s => (s.Name, s.Value))],
    };

    /// <summary>The sandbox of a pod with the runtime that its class names.</summary>
    /// <exception cref="ContainerRefusedException">There is no such class.</exception>
    public async Task<SandboxLaunch> SandboxAsync(PodManifest pod, Func<string> hostResolver, CancellationToken cancellation) =>
        Sandbox(pod, hostResolver, await ClusterDnsAsync(pod.Spec, cancellation).ConfigureAwait(false)) with { Handler = _handler = await HandlerAsync(pod, cancellation).ConfigureAwait(false) };

    // Who does not ask it needs no network: it may be what brings the network.
    private async Task<IPAddress?> ClusterDnsAsync(V1PodSpec spec, CancellationToken cancellation)
    {
        try
        {
            return services is { Network: { } network, Proxying.Dns: not null } && PodNames.IsOfCluster(spec) ? await network.GatewayAsync(cancellation).ConfigureAwait(false) : null;
        }
        catch (NetworkException e)
        {
            throw new ContainerRefusedException("CreatePodSandboxError", $"failed to set up the network of the sandbox: {e.Message}");
        }
    }

    /// <summary>Provides the volumes of claims, and remote ones, without which nothing of the pod begins.</summary>
    /// <exception cref="VolumeException">One cannot be provided yet.</exception>
    public async Task MountAsync(PodManifest pod, CancellationToken cancellation)
    {
        if (!(pod.Spec.Volumes ?? []).Any(v => (v.Nfs ?? (object?)v.Csi) is not null || VolumeManager.IsClaimed(v)))
        {
            return;
        }

        try
        {
            var facts = await WithClaimsAsync(pod, LaunchFacts.None(services.HostIp, services.Node), mayBeOld: true, cancellation).ConfigureAwait(false);
            await MountCsiAsync(pod, facts, cancellation).ConfigureAwait(false);
            await _work.RunAsync(() => _volumes.PrepareClaims(pod, facts), cancellation).ConfigureAwait(false);
            foreach (var made in facts.Claims.Values.Select(c => c.Volume).OfType<V1PersistentVolume>().Where(v => services.LocalVolumes is not null && ClaimMounts.IsOwn(v, services.Node) && !LocalVolumes.IsMade(v)))
            {
                await NoteMadeAsync(made, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is (LaunchException or IOException or UnauthorizedAccessException) and not VolumeException)
        {
            throw new VolumeException(e.Message);
        }
    }

    /// <summary>Whether pods of this node have a volume.</summary>
    /// <param name="persistentVolume">Name of the PersistentVolume.</param>
    public bool Shows(string persistentVolume) => _volumes.IsShown(persistentVolume);

    /// <summary>One attempt of a container, ready to start.</summary>
    /// <exception cref="ContainerRefusedException">An object that it refers to is missing: <c>CreateContainerConfigError</c>.</exception>
    public async Task<ContainerLaunch> ContainerAsync(PodManifest pod, V1Container container, int attempt, string? podIp, RuntimeInfo? host, CancellationToken cancellation)
    {
        try
        {
            var asksImage = NonRoot.AsksImage(pod, container) || ContainerSecurity.AsksImage(pod, container);
            var imageUser = asksImage ? await services.Runtime.ImageUserAsync(container.Image, cancellation).ConfigureAwait(false) : null;
            NonRoot.Check(pod, container, imageUser);
            var facts = await WithClaimsAsync(pod, await FactsAsync(pod, ContainerLaunchBuilder.References(pod, services.Runtime.HasNetwork), podIp, host, isUpdate: false, cancellation).ConfigureAwait(false), mayBeOld: true, cancellation).ConfigureAwait(false);
            ContainerLaunch Build() => ContainerLaunchBuilder.Build(pod, container, attempt, facts, _volumes.Prepare(pod, facts),
                (mount, volume, sub) => _volumes.Inside(pod.Metadata.Uid, container.Name, mount, volume, sub));
            var launch = (pod.Spec.Volumes ?? []).Any(VolumeManager.MayHang) ? await _work.RunAsync(Build, cancellation).ConfigureAwait(false) : Build();
            return ContainerSecurity.Apply(launch, pod, container, imageUser) with
            {
                SeccompProfile = services.SeccompProfiles is { } profiles ? new SeccompProfiles(profiles).Of(pod, container) : null,
                OomScoreAdjustment = OomScore.Of(pod.Spec, container, host?.MemoryBytes ?? 0),
                Handler = _handler ?? await HandlerAsync(pod, cancellation).ConfigureAwait(false),
                Mounts = podIp is { } ip && services.Runtime.HasNetwork && HostsFile.IsFor(pod, container)
                    ? launch.Mounts.Add(HostsFile.Bind(_volumes.Keep(pod, "hosts", HostsFile.Text(pod, ((string?[])[ip, SecondIp(pod)]).OfType<string>())))) : launch.Mounts,
            };
        }
        catch (Exception e) when (e is LaunchException or IOException or UnauthorizedAccessException)
        {
            throw new ContainerRefusedException("CreateContainerConfigError", e.Message);
        }
    }

    /// <summary>Writes what has changed into the configuration volumes of a pod that runs, and lets volumes grow.</summary>
    /// <returns>Volumes that could not be provided and keep their content, and why.</returns>
    /// <exception cref="LaunchException">Something that it shows could not be read.</exception>
    public async Task<IReadOnlyList<(string Volume, string Why)>> UpdateVolumesAsync(PodManifest pod, string? podIp, CancellationToken cancellation)
    {
        var failures = !(pod.Spec.Volumes ?? []).Any(VolumeManager.ShowsOthers) ? []
            : _volumes.Update(pod, await FactsAsync(pod, ContainerLaunchBuilder.VolumeReferences(pod, services.Runtime.HasNetwork), podIp, services.Host(), isUpdate: true, cancellation).ConfigureAwait(false));
        if (services.Sizes is not null && (pod.Spec.Volumes ?? []).Any(VolumeManager.IsClaimed))
        {
            var claimed = await WithClaimsAsync(pod, LaunchFacts.None(services.HostIp, services.Node), mayBeOld: false, cancellation).ConfigureAwait(false);
            await _work.RunAsync(() => _volumes.Fit(claimed), cancellation).ConfigureAwait(false);
        }

        return _csi is null || services.Csi?.Mounts.Has(pod.Metadata.Uid) != true ? failures : [.. failures, .. await UpdateCsiAsync(_csi, pod, cancellation).ConfigureAwait(false)];
    }

    /// <summary>Finds the logins of an image's registry in the pod's imagePullSecrets.</summary>
    /// <returns>The logins, and the names of Secrets that could not be read.</returns>
    public async Task<(ImmutableArray<RegistryLogin> Logins, IReadOnlyList<string> Missing)> LoginsAsync(PodManifest pod, string image, CancellationToken cancellation)
    {
        var names = (pod.Spec.ImagePullSecrets ?? []).Select(s => s.Name).Where(n => !string.IsNullOrEmpty(n)).Distinct().ToList();
        if (names.Count == 0 || !services.Runtime.HasNetwork)
        {
            return ([], []);
        }

        try
        {
            var secrets = await ReadAsync<V1Secret>(SecretDefinition.Instance, pod, names, mayBeOld: true, cancellation).ConfigureAwait(false);
            return (PullCredentials.For(image, names.Where(secrets.ContainsKey).Select(n => secrets[n])), [.. names.Where(n => !secrets.ContainsKey(n))]);
        }
        catch (LaunchException)
        {
            return ([], names);
        }
    }

    /// <summary>Removes the pod's volumes, whose containers are gone.</summary>
    /// <exception cref="VolumeException">A driver does not unmount one yet.</exception>
    public async Task ForgetAsync(string podUid, CancellationToken cancellation)
    {
        if (services.Csi is { } csi)
        {
            await csi.Mounts.UnmountAsync(podUid, cancellation).ConfigureAwait(false);
        }

        await Task.Run(() => _volumes.Remove(podUid), cancellation).ConfigureAwait(false);
    }

    /// <summary>Uids of pods that have volumes here.</summary>
    public IReadOnlyList<string> WithVolumes() => _volumes.Pods();

    private async Task MountCsiAsync(PodManifest pod, LaunchFacts facts, CancellationToken cancellation)
    {
        foreach (var volume in _csi is null ? [] : pod.Spec.Volumes ?? [])
        {
            if (volume.Csi is not null)
            {
                await _csi!.MountInlineAsync(pod, volume, cancellation).ConfigureAwait(false);
            }
            else if (VolumeManager.IsClaimed(volume) && _volumes.Resolve(pod, volume, facts) is { Spec.Csi: not null })
            {
                var claimed = facts.Claims[PodClaims.NameOf(pod.Metadata.Name, volume)!];
                await _csi!.MountAsync(pod, volume, claimed, cancellation).ConfigureAwait(false);
                await _csi.UpdateAsync(pod, volume, claimed, cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task<IReadOnlyList<(string Volume, string Why)>> UpdateCsiAsync(CsiLaunch csi, PodManifest pod, CancellationToken cancellation)
    {
        var failures = new List<(string, string)>();
        var facts = await WithClaimsAsync(pod, LaunchFacts.None(services.HostIp, services.Node), mayBeOld: false, cancellation).ConfigureAwait(false);
        foreach (var volume in (pod.Spec.Volumes ?? []).Where(v => v.Csi is not null || VolumeManager.IsClaimed(v)))
        {
            try
            {
                var claimed = PodClaims.NameOf(pod.Metadata.Name, volume) is { } name ? facts.Claims.GetValueOrDefault(name) : null;
                if (volume.Csi is not null || claimed?.Volume?.Spec.Csi is not null)
                {
                    await csi.UpdateAsync(pod, volume, claimed, cancellation).ConfigureAwait(false);
                }
            }
            catch (VolumeException e)
            {
                failures.Add((volume.Name, e.Message));
            }
        }

        return failures;
    }

    private async Task<string?> HandlerAsync(PodManifest pod, CancellationToken cancellation)
    {
        if (pod.Spec.RuntimeClassName is not { Length: > 0 } name)
        {
            return null;
        }

        var reply = await services.Store.SendAsync(new GetObject(RuntimeClassDefinition.Instance.Key(null, name), $"system:node:{services.Node}"), cancellation).ConfigureAwait(false);
        return reply.Object?.As<V1RuntimeClass>().Handler ?? throw new ContainerRefusedException("CreatePodSandboxError", $"RuntimeClass \"{name}\" cannot be read: {reply.Error?.Message}");
    }

    private async Task<LaunchFacts> FactsAsync(
        PodManifest pod, (ImmutableHashSet<string> ConfigMaps, ImmutableHashSet<string> Secrets) named, string? podIp, RuntimeInfo? host, bool isUpdate, CancellationToken cancellation)
    {
        // A limit that is not set is what pods may have of the node (Kubernetes, "Downward API").
        var room = Allocatable.Room(host, services.Reserved, services.Eviction?.Settings);
        return new LaunchFacts(
            pod.Spec.HostNetwork == true ? services.HostIp : podIp, services.HostIp, services.Node, room.MilliCpu, room.Memory,
            await ReadAsync<V1ConfigMap>(ConfigMapDefinition.Instance, pod, named.ConfigMaps, mayBeOld: !isUpdate, cancellation).ConfigureAwait(false),
            await ReadAsync<V1Secret>(SecretDefinition.Instance, pod, named.Secrets, mayBeOld: !isUpdate, cancellation).ConfigureAwait(false),
            services.Runtime.HasNetwork ? await _tokens.GetAsync(pod, isUpdate, cancellation).ConfigureAwait(false) : [])
        {
            Services = isUpdate ? [] : await ServicesAsync(cancellation).ConfigureAwait(false),
            SecondPodIp = pod.Spec.HostNetwork == true ? services.SecondHostIp : SecondIp(pod),
            SecondHostIp = services.SecondHostIp,
        };
    }

    private string? SecondIp(PodManifest pod) => services.Network?.Find(pod.Metadata.Uid)?.Addresses.Second?.ToString();

    private async Task<IEnumerable<V1Service>> ServicesAsync(CancellationToken cancellation)
    {
        try
        {
            return services.Proxying is { Directory: var directory } ? await directory.AllAsync(cancellation).ConfigureAwait(false) : [];
        }
        catch (TimeoutException)
        {
            throw new LaunchException("services have not been read yet, so the container would not find them: no control host answers");
        }
    }

    private static async Task<PodTokens> AskAsync(AgentServices services, PodManifest pod, CancellationToken cancellation)
    {
        try
        {
            var request = new RequestPodTokens(services.Node, PodDefinition.Instance.Key(pod.Metadata.NamespaceProperty, pod.Metadata.Name), pod.Metadata.Uid);
            return await services.Gateway.Ask<PodTokens>(request, TokenBound, cancellation).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            return new PodTokens([], "no control host answers");
        }
    }

    private async Task<LaunchFacts> WithClaimsAsync(PodManifest pod, LaunchFacts facts, bool mayBeOld, CancellationToken cancellation)
    {
        var names = (pod.Spec.Volumes ?? []).Select(v => PodClaims.NameOf(pod.Metadata.Name, v)).OfType<string>().ToHashSet();
        if (names.Count == 0)
        {
            return facts;
        }

        var claims = ImmutableDictionary.CreateBuilder<string, ClaimedVolume>();
        foreach (var (name, claim) in await ReadAsync<V1PersistentVolumeClaim>(PersistentVolumeClaimDefinition.Instance, pod, names, mayBeOld, cancellation).ConfigureAwait(false))
        {
            var isBound = claim.Status?.Phase == "Bound" && claim.Spec.VolumeName is { Length: > 0 };
            claims[name] = new ClaimedVolume(claim, !isBound ? null : (await FindAsync(PersistentVolumeDefinition.Instance.Key(null, claim.Spec.VolumeName), mayBeOld, cancellation).ConfigureAwait(false))?.As<V1PersistentVolume>());
        }

        var labels = claims.Values.Any(c => c.Volume?.Spec.NodeAffinity is not null) ? (await FindAsync(services.Key, mayBeOld, cancellation).ConfigureAwait(false))?.Labels : null;
        return facts with { Claims = claims.ToImmutable(), NodeLabels = labels ?? facts.NodeLabels };
    }

    private async Task NoteMadeAsync(V1PersistentVolume volume, CancellationToken cancellation)
    {
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [LocalVolumes.MadeAnnotation] = "true" } } };
        var reply = await services.Store.SendAsync(new MergeObject(PersistentVolumeDefinition.Instance.Key(null, volume.Metadata.Name), volume.Metadata.Uid, patch, "prepared", $"system:node:{services.Node}"), cancellation).ConfigureAwait(false);
        if (reply.Error is { } error)
        {
            throw new VolumeException($"persistentvolume \"{volume.Metadata.Name}\" could not be prepared: {error.Message}");
        }
    }

    // A container that has crashed starts again while no control host answers, with what was read before, as with the kubelet.
    // What updates volumes is never old: it would be taken for the newest.
    private async Task<KubeObject?> FindAsync(ObjectKey key, bool mayBeOld, CancellationToken cancellation)
    {
        var known = mayBeOld ? _known.GetValueOrDefault(key) : null;
        if (known is not null && _silentUntil > services.Time.GetUtcNow())
        {
            return known;
        }

        var asked = services.Store.SendAsync(new GetObject(key, $"system:node:{services.Node}"), cancellation);
        if (known is not null && await Task.WhenAny(asked, Task.Delay(KnownBound, services.Time, cancellation)).ConfigureAwait(false) != asked)
        {
            _silentUntil = services.Time.GetUtcNow() + Silence;
            return known;
        }

        var reply = await asked.ConfigureAwait(false);
        switch (reply.Error)
        {
            case null when reply.Object is { } found:
                return _known[key] = found;
            case null or { Reason: ApiReason.NotFound }:
                _known.TryRemove(key, out _);
                return null;
            default:
                return known ?? throw new LaunchException($"{key.Resource} \"{key.Name}\" could not be read: {reply.Error.Message}");
        }
    }

    private async Task<ImmutableDictionary<string, T>> ReadAsync<T>(ResourceDefinition kind, PodManifest pod, IEnumerable<string> names, bool mayBeOld, CancellationToken cancellation) where T : class
    {
        var found = ImmutableDictionary.CreateBuilder<string, T>();
        foreach (var name in names.Where(n => kind.NameRule(n) is null))
        {
            if (await FindAsync(kind.Key(pod.Metadata.NamespaceProperty, name), mayBeOld, cancellation).ConfigureAwait(false) is { } o)
            {
                found[name] = o.As<T>();
            }
        }

        return found.ToImmutable();
    }
}
