using System.Collections.Concurrent;
using Google.Protobuf.Collections;
using Orchestrator.Node.Agent.Csi.Wire;
using Orchestrator.Node.Agent.Launch;
using NodeAbility = Orchestrator.Node.Agent.Csi.Wire.NodeServiceCapability.Types.RPC.Types.Type;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>Has drivers mount volumes for pods, and undo it (CSI, "Volume Lifecycle"). Idempotent, as calls of drivers are; what was begun is known from <see cref="CsiRecords"/>.</summary>
/// <param name="paths">Where volumes are.</param>
/// <param name="drivers">The drivers.</param>
/// <param name="records">What was begun.</param>
/// <param name="time">The clock.</param>
internal sealed class CsiMounts(CsiPaths paths, CsiDrivers drivers, CsiRecords records, TimeProvider time)
{
    // A driver gets one call about a volume at a time, and a pod has one going: what a call left is undone by the next and not beside it.
    private readonly KeyedLocks _locks = new();

    // What this process has seen done; another process asks the driver again.
    private readonly ConcurrentDictionary<(string Pod, string Volume), CsiRecord> _done = [];
    private readonly ConcurrentDictionary<string, bool> _leaving = [];

    /// <summary>Called when the node has a volume no longer, before that is forgotten.</summary>
    public Func<CsiRecord, CancellationToken, Task> Released { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Returns the volume of a pod as it was mounted; null if it was not.</summary>
    public CsiRecord? Find(string podUid, string volume) => records.Find(podUid, volume);

    /// <summary>Whether a pod has volumes of drivers.</summary>
    public bool Has(string podUid) => records.Of(podUid).Count > 0;

    /// <summary>Whether this process has mounted a volume for a pod, so that nothing is to be done.</summary>
    public bool IsDone(string podUid, string volume) => _done.TryGetValue((podUid, volume), out var record) && Mounts.IsAt(record.Target);

    /// <summary>Notes that a volume is about to be mounted for a pod, whatever is done for it first.</summary>
    /// <exception cref="VolumeException">The driver is missing.</exception>
    public Task NoteAsync(CsiMount mount, CancellationToken cancellation) => Task.Run(async () =>
    {
        await ReplaceAsync(mount).ConfigureAwait(false);
        await HeldAsync(mount.PodUid, mount.Driver, mount.Handle, () =>
        {
            Write(mount, cancellation);
            return Task.CompletedTask;
        }).ConfigureAwait(false);
    }, CancellationToken.None).WaitAsync(cancellation);

    /// <summary>Mounts a volume for a pod. The call goes on if it is not awaited any longer, so that nothing is undone beside it.</summary>
    /// <exception cref="VolumeException">The driver is missing, or refuses.</exception>
    public Task MountAsync(CsiMount mount, CancellationToken cancellation) => Task.Run(async () =>
    {
        await ReplaceAsync(mount).ConfigureAwait(false);
        await HeldAsync(mount.PodUid, mount.Driver, mount.Handle, () => DoAsync(mount, cancellation)).ConfigureAwait(false);
    }, CancellationToken.None).WaitAsync(cancellation);

    /// <summary>Has the driver look again at a volume that a pod has (Kubernetes, CSIDriver, requiresRepublish).</summary>
    /// <exception cref="VolumeException">The driver is missing, or refuses.</exception>
    public Task RepublishAsync(CsiMount mount, CancellationToken cancellation) => Task.Run(() => HeldAsync(mount.PodUid, mount.Driver, mount.Handle, async () =>
    {
        if (!_leaving.ContainsKey(mount.PodUid) && Find(mount.PodUid, mount.Volume) is { } record && drivers.Find(record.Driver) is { } driver)
        {
            await PublishAsync(mount, record, driver).ConfigureAwait(false);
        }
    }), CancellationToken.None).WaitAsync(cancellation);

    /// <summary>Has the driver grow the file system of a volume that is mounted (CSI, NodeExpandVolume).</summary>
    /// <returns>The size in bytes that it has now; null if the driver does not do that on nodes.</returns>
    /// <exception cref="VolumeException">The driver is missing, or refuses.</exception>
    public async Task<long?> ExpandAsync(CsiMount mount, long bytes, CancellationToken cancellation)
    {
        long? grown = null;
        await Task.Run(() => HeldAsync(mount.PodUid, mount.Driver, mount.Handle, async () =>
        {
            if (Find(mount.PodUid, mount.Volume) is not { } record || Driver(mount.Driver) is not { } driver || !driver.Node.Contains(NodeAbility.ExpandVolume))
            {
                return;
            }

            var request = new NodeExpandVolumeRequest
            {
                VolumeId = record.Handle,
                VolumePath = record.Target,
                StagingTargetPath = record.Staging ?? "",
                CapacityRange = new() { RequiredBytes = bytes },
                VolumeCapability = mount.Capability(driver),
            };
            Fill(request.Secrets, mount.ExpandSecrets);
            grown = (await CallAsync("MountVolume.NodeExpandVolume", record.Name, c => driver.Nodes.NodeExpandVolumeAsync(request, cancellationToken: c)).ConfigureAwait(false)).CapacityBytes is > 0 and var said ? said : bytes;
        }), CancellationToken.None).WaitAsync(cancellation).ConfigureAwait(false);
        return grown;
    }

    /// <summary>Undoes all volumes of a pod, whose containers have ended. Repeated until it succeeds.</summary>
    /// <exception cref="VolumeException">A driver is missing, or refuses.</exception>
    public async Task UnmountAsync(string podUid, CancellationToken cancellation)
    {
        if (!_leaving.TryAdd(podUid, true) && records.Of(podUid).Count == 0)
        {
            _leaving.TryRemove(podUid, out _);
            return;
        }

        VolumeException? failed = null;
        foreach (var (volume, record) in await HeldPodAsync(podUid).WaitAsync(cancellation).ConfigureAwait(false))
        {
            try
            {
                await Task.Run(() => HeldAsync(podUid, record.Driver, record.Handle, () => UndoAsync(podUid, volume, record)), CancellationToken.None).WaitAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is VolumeException or IOException or UnauthorizedAccessException)
            {
                // The others have drivers of their own.
                failed = e as VolumeException ?? new VolumeException($"UnmountVolume.TearDown failed for volume \"{record.Name}\" : {e.Message}");
            }
        }

        if (failed is not null)
        {
            throw failed;
        }

        _leaving.TryRemove(podUid, out _);
    }

    // Waits for what is going on, which may be about to write a record.
    private async Task<IReadOnlyList<(string Volume, CsiRecord Record)>> HeldPodAsync(string podUid)
    {
        using (await _locks.EnterAsync(podUid).ConfigureAwait(false))
        {
            return records.Of(podUid);
        }
    }

    private async Task HeldAsync(string podUid, string driver, string handle, Func<Task> work)
    {
        using (await _locks.EnterAsync(podUid).ConfigureAwait(false))
        using (await _locks.EnterAsync($"{driver}/{handle}").ConfigureAwait(false))
        {
            await work().ConfigureAwait(false);
        }
    }

    // Another volume took its place before the pod began. With the locks of the one that was, so that no other pod is given it meanwhile.
    private async Task ReplaceAsync(CsiMount mount)
    {
        if (Find(mount.PodUid, mount.Volume) is { } before && before != RecordOf(mount, Driver(mount.Driver)) with { IsReadOnly = before.IsReadOnly })
        {
            await HeldAsync(mount.PodUid, before.Driver, before.Handle, async () =>
            {
                if (Find(mount.PodUid, mount.Volume) == before)
                {
                    await UndoAsync(mount.PodUid, mount.Volume, before).ConfigureAwait(false);
                }
            }).ConfigureAwait(false);
        }
    }

    private CsiRecord RecordOf(CsiMount mount, CsiDriver driver) => new(mount.Driver, mount.Handle, mount.Name, paths.Target(mount.PodUid, mount.Name),
        driver.Stages && !mount.IsEphemeral ? paths.Staging(mount.Driver, mount.Handle) : null, mount.IsReadOnly);

    private (CsiDriver Driver, CsiRecord Record) Write(CsiMount mount, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested || _leaving.ContainsKey(mount.PodUid))
        {
            throw new OperationCanceledException("the pod is leaving");
        }

        var driver = Driver(mount.Driver);
        var record = RecordOf(mount, driver);
        records.Write(mount.PodUid, mount.Volume, record);
        return (driver, record);
    }

    private async Task DoAsync(CsiMount mount, CancellationToken cancellation)
    {
        var (driver, record) = Write(mount, cancellation);
        if (record.Staging is { } staging)
        {
            await StageAsync(mount, staging, driver).ConfigureAwait(false);
        }

        CsiPaths.Make(Path.GetDirectoryName(record.Target)!);
        await PublishAsync(mount, record, driver).ConfigureAwait(false);

        // The driver made it. If it is a link, the pod would see what the driver likes to show of the host.
        if (Linux.KindOf(record.Target) != Linux.FileKind.Directory || new FileInfo(record.Target).LinkTarget is not null)
        {
            throw new VolumeException($"MountVolume.SetUp failed for volume \"{mount.Name}\" : driver {mount.Driver} has left no folder at {record.Target}");
        }

        if (mount.Group is { } group && !driver.Node.Contains(NodeAbility.VolumeMountGroup))
        {
            VolumeGroup.GiveAll(record.Target, group, mount.IsGroupOnMismatch);
        }

        _done[(mount.PodUid, mount.Volume)] = record;
    }

    private async Task StageAsync(CsiMount mount, string staging, CsiDriver driver)
    {
        CsiPaths.Make(staging);
        var request = new NodeStageVolumeRequest { VolumeId = mount.Handle, StagingTargetPath = staging, VolumeCapability = mount.Capability(driver) };
        Fill(request.PublishContext, mount.PublishContext);
        Fill(request.Secrets, mount.StageSecrets);
        Fill(request.VolumeContext, mount.Context);
        await CallAsync("MountVolume.MountDevice", mount.Name, c => driver.Nodes.NodeStageVolumeAsync(request, cancellationToken: c)).ConfigureAwait(false);
    }

    private async Task PublishAsync(CsiMount mount, CsiRecord record, CsiDriver driver)
    {
        var request = new NodePublishVolumeRequest { VolumeId = mount.Handle, StagingTargetPath = record.Staging ?? "", TargetPath = record.Target, VolumeCapability = mount.Capability(driver), Readonly = mount.IsReadOnly };
        Fill(request.PublishContext, mount.PublishContext);
        Fill(request.Secrets, mount.PublishSecrets);
        Fill(request.VolumeContext, mount.Context.SetItems(mount.PodContext));
        await CallAsync("MountVolume.SetUp", mount.Name, c => driver.Nodes.NodePublishVolumeAsync(request, cancellationToken: c)).ConfigureAwait(false);
    }

    private async Task UndoAsync(string podUid, string volume, CsiRecord record)
    {
        _done.TryRemove((podUid, volume), out _);
        var driver = Driver(record.Driver);
        await CallAsync("UnmountVolume.TearDown", record.Name, c => driver.Nodes.NodeUnpublishVolumeAsync(new() { VolumeId = record.Handle, TargetPath = record.Target }, cancellationToken: c)).ConfigureAwait(false);
        Clear(record.Target, record.Name);
        Directory.Delete(Path.GetDirectoryName(record.Target)!);
        var isLast = !records.IsUsedBeside(podUid, volume, record);
        if (record.Staging is { } staging && isLast)
        {
            await CallAsync("UnmountDevice", record.Name, c => driver.Nodes.NodeUnstageVolumeAsync(new() { VolumeId = record.Handle, StagingTargetPath = staging }, cancellationToken: c)).ConfigureAwait(false);
            Clear(staging, record.Name);
            Directory.Delete(Path.GetDirectoryName(staging)!);
        }

        if (isLast)
        {
            await Released(record, CancellationToken.None).ConfigureAwait(false);
        }

        records.Remove(podUid, volume);
        Tidy(podUid);
    }

    // Nothing that is mounted stays, and nothing that is in a folder is deleted: it may be somebody's data.
    private static void Clear(string folder, string volume)
    {
        if (Path.GetDirectoryName(folder) is { } parent)
        {
            CsiPaths.Make(parent);
        }

        Mounts.Release(folder);
        try
        {
            if (new FileInfo(folder).LinkTarget is not null)
            {
                File.Delete(folder);
            }
            else if (Directory.Exists(folder))
            {
                Directory.Delete(folder);
            }
        }
        catch (IOException e)
        {
            throw new VolumeException($"UnmountVolume.TearDown failed for volume \"{volume}\" : {folder} is not empty although nothing is mounted there: {e.Message}");
        }
    }

    // The folders of the pod that nobody needs any more; another volume may be in them.
    private void Tidy(string podUid)
    {
        foreach (var folder in (string[])[Path.Combine(paths.Pods, podUid, "volumes", "kubernetes.io~csi"), Path.Combine(paths.Pods, podUid, "volumes"), Path.Combine(paths.Pods, podUid)])
        {
            try
            {
                Directory.Delete(folder);
            }
            catch (IOException)
            {
                return;
            }
        }
    }

    private CsiDriver Driver(string name) => drivers.Find(name) ?? throw new VolumeException($"driver name {name} not found in the list of registered CSI drivers of this node: see whether the driver runs on it");

    private async Task<T> CallAsync<T>(string what, string volume, Func<CancellationToken, Grpc.Core.AsyncUnaryCall<T>> call)
    {
        try
        {
            return await CsiCall.RunAsync(call, CsiCall.Long, time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (CsiException e)
        {
            throw new VolumeException($"{what} failed for volume \"{volume}\" : {e.Message}");
        }
    }

    private static void Fill(MapField<string, string> map, IEnumerable<KeyValuePair<string, string>> values)
    {
        foreach (var (key, value) in values)
        {
            map[key] = value;
        }
    }
}
