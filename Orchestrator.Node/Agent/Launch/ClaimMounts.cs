using k8s.Models;
using Orchestrator.Node.Agent.Csi;
using Orchestrator.Node.Agent.Quotas;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>Shows pods the volumes of their claims (Kubernetes, "Persistent Volumes", claims as volumes).</summary>
/// <param name="node">Name of the node.</param>
/// <param name="volumes">Folder of the volumes of the built-in provisioner; null if the node keeps none.</param>
/// <param name="isReal">See <see cref="VolumeManager"/>.</param>
/// <param name="csi">The volumes that drivers have mounted; null if the node has no drivers.</param>
/// <param name="sizes">Enforces the sizes of volumes of the built-in provisioner; null if nobody does.</param>
internal sealed class ClaimMounts(string node, string? volumes, bool isReal, CsiMounts? csi = null, VolumeSizes? sizes = null)
{
    /// <summary>Provides the volume of a claim. Idempotent.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="volume">Its volume, which names the claim.</param>
    /// <param name="facts">The claims.</param>
    /// <param name="note">File of the agent that says which volume was shown before. While it is there, the pod goes on with that one although its claim is being deleted, and with no other.</param>
    /// <param name="target">Where a remote volume is mounted.</param>
    /// <exception cref="VolumeException">It cannot be provided.</exception>
    public PreparedVolume Show(PodManifest pod, V1Volume volume, LaunchFacts facts, string note, string target)
    {
        var persistent = Resolve(pod, volume, facts, note);
        var shown = persistent.Spec switch
        {
            { Csi: not null } => Mounted(pod, volume, persistent.Metadata.Name),
            { Local: { } local } => new PreparedVolume(Local(pod, persistent, local.Path), IsReadOnly: false),
            { HostPath: { } host } => new PreparedVolume(isReal ? HostPaths.Ensure(host) : host.Path, IsReadOnly: false),
            { Nfs: { } nfs } => new PreparedVolume(isReal ? NfsMounts.Ensure(nfs, [.. persistent.Spec.MountOptions ?? []], target) : target, nfs.ReadOnlyProperty == true),
            _ => throw new VolumeException($"persistentvolume \"{persistent.Metadata.Name}\" has a type that this node does not mount: csi, local, hostPath and nfs are mounted"),
        };
        if (!File.Exists(note))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(note)!);
            File.WriteAllText(note, persistent.Metadata.Name);
        }

        return volume.PersistentVolumeClaim?.ReadOnlyProperty == true ? shown with { IsReadOnly = true } : shown;
    }

    /// <summary>Returns the volume that a pod may be shown for its claim.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="volume">Its volume, which names the claim.</param>
    /// <param name="facts">The claims.</param>
    /// <param name="note">See <see cref="Show"/>.</param>
    /// <exception cref="VolumeException">There is none.</exception>
    public V1PersistentVolume Resolve(PodManifest pod, V1Volume volume, LaunchFacts facts, string note)
    {
        var name = PodClaims.NameOf(pod.Metadata.Name, volume)!;
        var (claim, persistent) = facts.Claims.GetValueOrDefault(name) ?? throw new VolumeException($"persistentvolumeclaim \"{name}\" not found");
        var before = File.Exists(note) && File.ReadAllText(note) is { Length: > 0 } noted ? noted : null;
        if (before is null)
        {
            Check(pod, volume, name, claim, facts);
        }

        if (persistent is null)
        {
            throw new VolumeException(claim.Status?.Phase == "Lost" ? $"persistentvolumeclaim \"{name}\" has lost its volume \"{claim.Spec.VolumeName}\"" : $"persistentvolumeclaim \"{name}\" is not bound yet");
        }

        if (!VolumeMatch.IsReservedFor(persistent, claim))
        {
            throw new VolumeException($"persistentvolume \"{persistent.Metadata.Name}\" does not belong to persistentvolumeclaim \"{name}\", which names it: its claimRef is another claim, or has another uid");
        }

        if (before is not null && before != persistent.Metadata.Name)
        {
            throw new VolumeException($"persistentvolumeclaim \"{name}\" is bound to persistentvolume \"{persistent.Metadata.Name}\" now, and the pod began with \"{before}\": delete the pod to go on with the other volume");
        }

        if (!VolumeMatch.IsReachable(persistent, node, facts.NodeLabels))
        {
            throw new VolumeException($"persistentvolume \"{persistent.Metadata.Name}\" cannot be reached from node \"{node}\": its node affinity names other nodes");
        }

        return persistent.Spec.VolumeMode != "Block" ? persistent : throw new VolumeException($"persistentvolume \"{persistent.Metadata.Name}\" is a block device, which this node does not show: ask for volumeMode Filesystem");
    }

    private PreparedVolume Mounted(PodManifest pod, V1Volume volume, string name) => csi?.Find(pod.Metadata.Uid, volume.Name) is { } record && record.Name == name ? new(record.Target, record.IsReadOnly)
        : throw new VolumeException(csi is null ? $"persistentvolume \"{name}\" is mounted by a CSI driver, and this node has none" : $"persistentvolume \"{name}\" is not mounted");

    private static void Check(PodManifest pod, V1Volume volume, string name, V1PersistentVolumeClaim claim, LaunchFacts facts)
    {
        if (claim.Metadata.DeletionTimestamp is not null)
        {
            throw new VolumeException($"persistentvolumeclaim \"{name}\" is being deleted");
        }

        if (volume.Ephemeral is not null && claim.Metadata.OwnerReferences?.Any(o => o.Controller == true && o.Uid == pod.Metadata.Uid) != true)
        {
            throw new VolumeException($"persistentvolumeclaim \"{name}\" belongs to somebody else and not to pod \"{pod.Metadata.Name}\", whose ephemeral volume has its name");
        }
    }

    /// <summary>Whether a volume is a folder that a node keeps, which is found by the volume's name: the path that the object shows is that of the data directory at the time.</summary>
    public static bool IsOwn(V1PersistentVolume persistent, string node) =>
        persistent.Metadata.Finalizers?.Contains(LocalVolumes.Finalizer) == true && LocalVolumes.NodeOf(persistent) == node;

    /// <summary>Enforces the size that a volume has now, if it is a folder that the node keeps.</summary>
    public void Fit(V1PersistentVolume persistent)
    {
        if (sizes is not null && volumes is not null && IsOwn(persistent, node) && Path.Combine(volumes, persistent.Metadata.Name) is var folder && Directory.Exists(folder))
        {
            sizes.Bound(folder, (long)Math.Min(Math.Ceiling(VolumeMatch.Capacity(persistent)), long.MaxValue));
        }
    }

    private string Local(PodManifest pod, V1PersistentVolume persistent, string path)
    {
        var isOwn = volumes is not null && IsOwn(persistent, node);
        path = isOwn ? Path.Combine(volumes!, persistent.Metadata.Name) : path;
        if (isOwn && !LocalVolumes.IsMade(persistent))
        {
            VolumeManager.Ensure(path, (UnixFileMode)0b111_111_111, isReal ? VolumeGroup.Of(pod) : null);
        }

        Fit(persistent);
        return !isReal || Directory.Exists(path) ? path
            : throw new VolumeException($"the folder {path} of persistentvolume \"{persistent.Metadata.Name}\" is not there{(isOwn ? " any more: mount its disk if that is missing; if what was in it is lost, delete the claim to begin with an empty one" : "")}");
    }
}
