using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.CSIDrivers;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Kinds.VolumeAttachments;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>Reads what a driver is told of the volumes of one pod, and has it mount them (Kubernetes, "Volumes", csi).</summary>
/// <param name="services">Services of the agent.</param>
/// <param name="csi">What the node has of CSI.</param>
/// <param name="tokens">Asks for the tokens of a pod.</param>
internal sealed class CsiLaunch(AgentServices services, CsiNode csi, Func<PodManifest, CancellationToken, Task<PodTokens>> tokens)
{
    private const string TokensKey = "csi.storage.k8s.io/serviceAccount.tokens";

    // As long as the kubelet waits for the volumes of a pod.
    private static readonly TimeSpan AttachBound = TimeSpan.FromMinutes(2);

    // About as often as the kubelet looks at a pod.
    private static readonly TimeSpan RepublishEvery = TimeSpan.FromSeconds(90);
    private readonly CsiAttachMarks _marks = new(services);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _due = new();
    private TaskCompletionSource _changed = Signal();

    /// <summary>When a driver that asks for it is to look at its volumes again; null if none does.</summary>
    public DateTimeOffset? Due => _due.IsEmpty ? null : _due.Values.Min();

    /// <summary>Something that the pod may wait for has changed.</summary>
    public void Nudge() => Interlocked.Exchange(ref _changed, Signal()).TrySetResult();

    /// <summary>Mounts the volume of a claim.</summary>
    /// <exception cref="VolumeException">It cannot be mounted yet.</exception>
    public async Task MountAsync(PodManifest pod, V1Volume volume, ClaimedVolume claimed, CancellationToken cancellation)
    {
        if (csi.Mounts.IsDone(pod.Metadata.Uid, volume.Name))
        {
            return;
        }

        var persistent = claimed.Volume!;
        var driver = await DriverAsync(persistent.Spec.Csi.Driver, cancellation).ConfigureAwait(false);
        Permit(driver, persistent.Spec.Csi.Driver, "Persistent", $"persistentvolume \"{persistent.Metadata.Name}\"");
        var mount = await OfClaimAsync(pod, volume, persistent, driver, cancellation).ConfigureAwait(false);

        // Noted before its attachment is marked, so that the mark goes with the note.
        await csi.Mounts.NoteAsync(mount, cancellation).ConfigureAwait(false);
        var attached = driver?.Spec.AttachRequired != false ? await AttachedAsync(persistent, cancellation).ConfigureAwait(false) : [];
        await csi.Mounts.MountAsync(mount with { PublishContext = attached }, cancellation).ConfigureAwait(false);
        Await(volume, driver);
    }

    /// <summary>Mounts a volume that is made with the pod (Kubernetes, "Ephemeral Volumes", CSI ephemeral volumes).</summary>
    /// <exception cref="VolumeException">It cannot be mounted yet.</exception>
    public async Task MountInlineAsync(PodManifest pod, V1Volume volume, CancellationToken cancellation)
    {
        if (csi.Mounts.IsDone(pod.Metadata.Uid, volume.Name))
        {
            return;
        }

        var driver = await DriverAsync(volume.Csi.Driver, cancellation).ConfigureAwait(false);
        Permit(driver, volume.Csi.Driver, "Ephemeral", $"volume \"{volume.Name}\"");
        await csi.Mounts.MountAsync(await OfInlineAsync(pod, volume, driver, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        Await(volume, driver);
    }

    /// <summary>Brings a volume that is mounted up to date: the driver looks at it again if it asks for that, and its file system gets the size that the volume has.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="volume">Its volume.</param>
    /// <param name="claimed">The claim; null for a volume that is made with the pod.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <exception cref="VolumeException">The driver refuses.</exception>
    public async Task UpdateAsync(PodManifest pod, V1Volume volume, ClaimedVolume? claimed, CancellationToken cancellation)
    {
        if (csi.Mounts.Find(pod.Metadata.Uid, volume.Name) is not { } record)
        {
            return;
        }

        var driver = await DriverAsync(record.Driver, cancellation).ConfigureAwait(false);
        if (driver?.Spec.RequiresRepublish == true && !(_due.TryGetValue(volume.Name, out var due) && due > services.Time.GetUtcNow()))
        {
            Await(volume, driver);
            var mount = claimed is { Volume: { } persistent } ? await OfClaimAsync(pod, volume, persistent, driver, cancellation).ConfigureAwait(false) : await OfInlineAsync(pod, volume, driver, cancellation).ConfigureAwait(false);
            await csi.Mounts.RepublishAsync(mount, cancellation).ConfigureAwait(false);
        }

        if (claimed is { Volume: { } grown })
        {
            await ExpandAsync(pod, volume, claimed.Claim, grown, driver, cancellation).ConfigureAwait(false);
        }
    }

    // The claim says what the pod really has (Kubernetes, "Expanding Persistent Volumes Claims").
    private async Task ExpandAsync(PodManifest pod, V1Volume volume, V1PersistentVolumeClaim claim, V1PersistentVolume persistent, V1CSIDriver? driver, CancellationToken cancellation)
    {
        if (claim.Status?.Capacity is not { } has || !has.TryGetValue("storage", out var before) || before.ToDecimal() >= VolumeMatch.Capacity(persistent))
        {
            return;
        }

        var mount = await OfClaimAsync(pod, volume, persistent, driver, cancellation).ConfigureAwait(false);
        if (mount.IsReadOnly || await csi.Mounts.ExpandAsync(mount, (long)VolumeMatch.Capacity(persistent), cancellation).ConfigureAwait(false) is null)
        {
            return;
        }

        var key = PersistentVolumeClaimDefinition.Instance.Key(pod.Metadata.NamespaceProperty, claim.Metadata.Name);
        var conditions = new JsonArray([.. (claim.Status.Conditions ?? []).Where(c => c.Type is not ("FileSystemResizePending" or "Resizing")).Select(Models.ToNode)]);
        var status = new JsonObject { ["capacity"] = new JsonObject { ["storage"] = persistent.Spec.Capacity["storage"].ToString() }, ["conditions"] = conditions.Count == 0 ? null : conditions, ["allocatedResourceStatuses"] = null };
        var reply = await services.Store.SendAsync(new MergeObject(key, claim.Metadata.Uid, new JsonObject { ["status"] = status }, "expanded", By, RecordedEvents:
            [new("Normal", "FileSystemResizeSuccessful", $"MountVolume.NodeExpandVolume succeeded for volume \"{persistent.Metadata.Name}\"", "kubelet")]), cancellation).ConfigureAwait(false);
        if (reply.Error is { } error)
        {
            throw new VolumeException($"the new size of persistentvolumeclaim \"{claim.Metadata.Name}\" could not be written: {error.Message}");
        }
    }

    private async Task<CsiMount> OfClaimAsync(PodManifest pod, V1Volume volume, V1PersistentVolume persistent, V1CSIDriver? driver, CancellationToken cancellation)
    {
        var (spec, source) = (persistent.Spec, persistent.Spec.Csi);
        var isReadOnly = source.ReadOnlyProperty == true || volume.PersistentVolumeClaim?.ReadOnlyProperty == true;
        return new CsiMount(pod.Metadata.Uid, volume.Name, persistent.Metadata.Name, source.Driver, source.VolumeHandle)
        {
            IsReadOnly = isReadOnly,
            FsType = source.FsType ?? "",
            Options = [.. spec.MountOptions ?? []],
            AccessMode = spec.AccessModes?.FirstOrDefault(),
            Context = (source.VolumeAttributes ?? new Dictionary<string, string>()).ToImmutableDictionary(),
            PodContext = await ContextAsync(pod, driver, isEphemeral: false, cancellation).ConfigureAwait(false),
            ExpandSecrets = await SecretsAsync(source.NodeExpandSecretRef?.NamespaceProperty, source.NodeExpandSecretRef?.Name, cancellation).ConfigureAwait(false),
            StageSecrets = await SecretsAsync(source.NodeStageSecretRef?.NamespaceProperty, source.NodeStageSecretRef?.Name, cancellation).ConfigureAwait(false),
            PublishSecrets = await SecretsAsync(source.NodePublishSecretRef?.NamespaceProperty, source.NodePublishSecretRef?.Name, cancellation).ConfigureAwait(false),
            Group = !isReadOnly && CsiMount.TakesGroup(driver?.Spec.FsGroupPolicy, source.FsType, spec.AccessModes) ? VolumeGroup.Of(pod) : null,
            IsGroupOnMismatch = pod.Spec.SecurityContext?.FsGroupChangePolicy == "OnRootMismatch",
        };
    }

    private async Task<CsiMount> OfInlineAsync(PodManifest pod, V1Volume volume, V1CSIDriver? driver, CancellationToken cancellation)
    {
        var source = volume.Csi;
        return new CsiMount(pod.Metadata.Uid, volume.Name, volume.Name, source.Driver, $"csi-{CsiPaths.Hash(pod.Metadata.Uid + volume.Name)}")
        {
            IsEphemeral = true,
            IsReadOnly = source.ReadOnlyProperty == true,
            FsType = source.FsType ?? "",
            Context = (source.VolumeAttributes ?? new Dictionary<string, string>()).ToImmutableDictionary(),
            PodContext = await ContextAsync(pod, driver, isEphemeral: true, cancellation).ConfigureAwait(false),
            PublishSecrets = await SecretsAsync(pod.Metadata.NamespaceProperty, source.NodePublishSecretRef?.Name, cancellation).ConfigureAwait(false),
            Group = source.ReadOnlyProperty != true && CsiMount.TakesGroup(driver?.Spec.FsGroupPolicy, source.FsType, ["ReadWriteOnce"]) ? VolumeGroup.Of(pod) : null,
            IsGroupOnMismatch = pod.Spec.SecurityContext?.FsGroupChangePolicy == "OnRootMismatch",
        };
    }

    private async Task<ImmutableDictionary<string, string>> ContextAsync(PodManifest pod, V1CSIDriver? driver, bool isEphemeral, CancellationToken cancellation)
    {
        var context = driver?.Spec.PodInfoOnMount == true ? CsiMount.About(pod.Metadata, pod.Spec.ServiceAccountName, isEphemeral) : [];
        if (driver?.Spec.TokenRequests is not { Count: > 0 } wanted)
        {
            return context;
        }

        var answer = await tokens(pod, cancellation).ConfigureAwait(false);
        if (answer.Refusal is { } why)
        {
            throw new VolumeException($"driver {driver.Metadata.Name} wants a token of the pod's service account, and there is none: {why}");
        }

        var all = new JsonObject();
        foreach (var (audience, seconds) in wanted.Select(CsiTokens.SourceOf))
        {
            if (answer.Tokens.FirstOrDefault(t => t.Audience == audience && t.Seconds == seconds) is { } token)
            {
                all[audience] = new JsonObject { ["token"] = token.Text, ["expirationTimestamp"] = KubeTime.Text(token.Expires) };
            }
        }

        return context.SetItem(TokensKey, all.ToJsonString());
    }

    private async Task<ImmutableDictionary<string, string>> AttachedAsync(V1PersistentVolume persistent, CancellationToken cancellation)
    {
        var source = persistent.Spec.Csi;
        var key = VolumeAttachmentDefinition.Instance.Key(null, CsiAttachments.NameOf(source.VolumeHandle, source.Driver, services.Node));
        var began = services.Time.GetTimestamp();
        while (true)
        {
            // Taken before the look, so that a change after it is not missed.
            var changed = Volatile.Read(ref _changed).Task;
            var item = await FindAsync(key, cancellation).ConfigureAwait(false);
            var found = item?.As<V1VolumeAttachment>();
            if (found is { Status.Attached: true, Metadata.DeletionTimestamp: null } && await _marks.MarkAsync(item!, cancellation).ConfigureAwait(false))
            {
                return (found.Status.AttachmentMetadata ?? new Dictionary<string, string>()).ToImmutableDictionary();
            }

            if (found?.Status?.AttachError?.Message is { Length: > 0 } why)
            {
                throw new VolumeException($"AttachVolume.Attach failed for volume \"{persistent.Metadata.Name}\" : {why}", "FailedAttachVolume");
            }

            try
            {
                var rest = AttachBound - services.Time.GetElapsedTime(began);
                await changed.WaitAsync(rest > TimeSpan.Zero ? rest : throw new TimeoutException(), services.Time, cancellation).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                throw new VolumeException($"volume \"{persistent.Metadata.Name}\" has not been attached to node \"{services.Node}\" for {AttachBound.TotalMinutes:0} minutes: see whether the attacher of driver {source.Driver} runs, "
                    + $"or set attachRequired of its CSIDriver to false if it needs none ({key.Name})", "FailedAttachVolume");
            }
        }
    }

    private void Await(V1Volume volume, V1CSIDriver? driver)
    {
        if (driver?.Spec.RequiresRepublish == true)
        {
            _due[volume.Name] = services.Time.GetUtcNow() + RepublishEvery;
        }
    }

    private static void Permit(V1CSIDriver? driver, string name, string mode, string what)
    {
        if (driver?.Spec.VolumeLifecycleModes is { Count: > 0 } modes ? !modes.Contains(mode) : mode != "Persistent")
        {
            throw new VolumeException($"{what} is to be mounted by driver {name}, which does not support volumes of the mode {mode}: see volumeLifecycleModes of its CSIDriver");
        }
    }

    private async Task<V1CSIDriver?> DriverAsync(string name, CancellationToken cancellation) =>
        CSIDriverDefinition.Instance.NameRule(name) is null ? (await FindAsync(CSIDriverDefinition.Instance.Key(null, name), cancellation).ConfigureAwait(false))?.As<V1CSIDriver>() : null;

    private async Task<ImmutableDictionary<string, string>> SecretsAsync(string? space, string? name, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(name))
        {
            return [];
        }

        var secret = await FindAsync(SecretDefinition.Instance.Key(space, name), cancellation).ConfigureAwait(false) ?? throw new VolumeException($"secret \"{space}/{name}\" not found");
        return (secret.As<V1Secret>().Data ?? new Dictionary<string, byte[]>()).ToImmutableDictionary(d => d.Key, d => Encoding.UTF8.GetString(d.Value));
    }

    private string By => $"system:node:{services.Node}";

    private async Task<KubeObject?> FindAsync(ObjectKey key, CancellationToken cancellation)
    {
        var reply = await services.Store.SendAsync(new GetObject(key, By), cancellation).ConfigureAwait(false);
        return reply.Error is null or { Reason: ApiReason.NotFound } ? reply.Object : throw new VolumeException($"{key.Resource} \"{key.Name}\" could not be read: {reply.Error.Message}");
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
