using System.Globalization;
using System.Text;
using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;
using Orchestrator.Node.Agent.Csi;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>A volume that can be mounted.</summary>
/// <param name="Path">Folder or file of the host.</param>
/// <param name="IsReadOnly">Mounted read-only, whatever the mount specifies.</param>
internal sealed record PreparedVolume(string Path, bool IsReadOnly);

/// <summary>Manages the folders of pod volumes, in <c>&lt;root&gt;/&lt;uid&gt;/volumes</c>.</summary>
/// <param name="root">Parent folder of all pods.</param>
/// <param name="isReal">Whether containers really use them; only then tmpfs is mounted and host paths are created.</param>
/// <param name="claims">Shows the volumes of claims.</param>
/// <param name="csi">The volumes that drivers have mounted; null if the node has no drivers.</param>
internal sealed class VolumeManager(string root, bool isReal, ClaimMounts? claims = null, CsiMounts? csi = null)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;

    // Which PersistentVolume each volume of a pod shows. No container reaches it.
    private const string Notes = "claims";
    private const int DefaultMode = 0b110_100_100;
    private static readonly Lock Making = new();

    /// <summary>Creates the volumes of a pod, by name. Idempotent; updates configuration volumes.</summary>
    /// <exception cref="LaunchException">A volume cannot be provided.</exception>
    public IReadOnlyDictionary<string, PreparedVolume> Prepare(PodManifest pod, LaunchFacts facts)
    {
        var prepared = new Dictionary<string, PreparedVolume>();
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            prepared[volume.Name] = volume switch
            {
                { HostPath: { } host } => new(isReal ? HostPaths.Ensure(host) : host.Path, IsReadOnly: false),
                { Nfs: { } nfs } => new(isReal ? NfsMounts.Ensure(nfs, [], Own(pod, "volumes", volume.Name)) : Own(pod, "volumes", volume.Name), nfs.ReadOnlyProperty == true),
                _ when claims is not null && IsClaimed(volume) => claims.Show(pod, volume, facts, Own(pod, Notes, volume.Name), Own(pod, "volumes", volume.Name)),
                { Csi: not null } => csi?.Find(pod.Metadata.Uid, volume.Name) is { } record ? new(record.Target, record.IsReadOnly)
                    : throw new VolumeException($"volume \"{volume.Name}\" is not mounted{(csi is null ? ": this node has no CSI drivers" : "")}"),
                { EmptyDir: { } empty } => new(Empty(pod, volume.Name, empty), IsReadOnly: false),

                // Every pod has one, and nobody reads it.
                _ when !isReal && ShowsToken(volume) => new(Path.Combine(root, pod.Metadata.Uid, "volumes", volume.Name), IsReadOnly: true),
                _ => new(Configuration(pod, volume, facts), IsReadOnly: true),
            };
        }

        return prepared;
    }

    /// <summary>Writes what has changed into the configuration volumes of a pod. What containers have mounted by a subPath stays (Kubernetes, "Using subPath").</summary>
    /// <returns>Volumes that cannot be provided, and why; they keep their content.</returns>
    public IReadOnlyList<(string Volume, string Why)> Update(PodManifest pod, LaunchFacts facts)
    {
        var failures = new List<(string, string)>();
        foreach (var volume in (pod.Spec.Volumes ?? []).Where(v => ShowsOthers(v) && (isReal || !ShowsToken(v))))
        {
            try
            {
                Configuration(pod, volume, facts);
            }
            catch (LaunchException e)
            {
                failures.Add((volume.Name, e.Message));
            }
        }

        return failures;
    }

    /// <summary>Provides the volumes without which a pod does not begin: those of claims, and remote ones.</summary>
    /// <exception cref="VolumeException">One cannot be provided.</exception>
    public IReadOnlyDictionary<string, PreparedVolume> PrepareClaims(PodManifest pod, LaunchFacts facts)
    {
        var rest = (pod.Spec.Volumes ?? []).Where(v => v.Nfs is not null || IsClaimed(v)).ToList();
        return Prepare(pod with { Spec = new V1PodSpec { Volumes = rest, SecurityContext = pod.Spec.SecurityContext } }, facts);
    }

    /// <summary>Returns the volume that a pod may be shown for its claim.</summary>
    /// <exception cref="VolumeException">There is none.</exception>
    public V1PersistentVolume Resolve(PodManifest pod, V1Volume volume, LaunchFacts facts) => claims!.Resolve(pod, volume, facts, Own(pod, Notes, volume.Name));

    /// <summary>Enforces the sizes that the volumes of claims have now.</summary>
    public bool Fit(LaunchFacts facts)
    {
        foreach (var volume in facts.Claims.Values.Select(c => c.Volume).OfType<V1PersistentVolume>())
        {
            claims?.Fit(volume);
        }

        return true;
    }

    /// <summary>Whether a volume can be on a file system of a server, or of somebody else: a look at it may not return.</summary>
    public static bool MayHang(V1Volume volume) => (volume.Nfs ?? volume.Csi ?? (object?)volume.HostPath) is not null || IsClaimed(volume);

    /// <summary>Whether a volume is that of a claim.</summary>
    public static bool IsClaimed(V1Volume volume) => (volume.PersistentVolumeClaim ?? (object?)volume.Ephemeral) is not null;

    /// <summary>Whether pods have a volume here, also such that are gone from the cluster and not from the node.</summary>
    /// <param name="persistentVolume">Name of the PersistentVolume.</param>
    public bool IsShown(string persistentVolume) => Directory.Exists(root) && Directory.GetDirectories(root).Select(pod => Path.Combine(pod, Notes)).Where(Directory.Exists)
        .SelectMany(Directory.GetFiles).Any(note => File.ReadAllText(note) == persistentVolume);

    /// <summary>Whether a volume shows other objects or the pod itself, and follows them.</summary>
    public static bool ShowsOthers(V1Volume volume) => (volume.ConfigMap ?? volume.Secret ?? volume.DownwardAPI ?? (object?)volume.Projected) is not null;

    /// <summary>Whether something is done for a volume when what it shows, or its claim, has changed.</summary>
    public static bool Follows(V1Volume volume) => ShowsOthers(volume) || volume.Csi is not null || IsClaimed(volume);

    /// <summary>Whether a volume shows labels or annotations of the pod itself, which change while it runs.</summary>
    public static bool ShowsPod(V1Volume volume) =>
        Changes(volume.DownwardAPI?.Items) || volume.Projected?.Sources?.Any(s => Changes(s.DownwardAPI?.Items)) == true;

    /// <summary>Whether a volume shows a token of the pod's ServiceAccount.</summary>
    public static bool ShowsToken(V1Volume volume) => volume.Projected?.Sources?.Any(s => s.ServiceAccountToken is not null) == true;

    /// <summary>A subPath of a volume for one container.</summary>
    /// <param name="podUid">Uid of the pod.</param>
    /// <param name="container">The container.</param>
    /// <param name="mount">Number of the mount in it.</param>
    /// <param name="volume">Folder of the volume.</param>
    /// <param name="sub">The path inside.</param>
    /// <returns>The path to mount into the container.</returns>
    /// <exception cref="LaunchException">It is outside of the volume.</exception>
    public string Inside(string podUid, string container, int mount, string volume, string sub)
    {
        if (isReal)
        {
            return SubPath.Show(volume, sub, Path.Combine(root, podUid, "subpaths", container, mount.ToString(CultureInfo.InvariantCulture)));
        }

        using var handle = SubPath.Open(volume, sub);
        return SubPath.PathOf(handle);
    }

    /// <summary>Keeps a file of a pod beside its volumes. What containers wrote to it is kept unless its content is to be another one.</summary>
    /// <returns>Its path.</returns>
    public string Keep(PodManifest pod, string name, string content)
    {
        var (file, record) = (Own(pod, "files", name), Own(pod, "files", $"{name}.made"));
        if (!File.Exists(file) || !File.Exists(record) || File.ReadAllText(record) != content)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, content);
            File.SetUnixFileMode(file, (UnixFileMode)DefaultMode);
            File.WriteAllText(record, content);
        }

        return file;
    }

    /// <summary>Uids of pods that have volumes.</summary>
    public IReadOnlyList<string> Pods() => Directory.Exists(root) ? [.. Directory.GetDirectories(root).Select(d => Path.GetFileName(d))] : [];

    /// <summary>Removes the volumes of a pod.</summary>
    public void Remove(string podUid)
    {
        var folder = Path.Combine(root, podUid);
        if (Directory.Exists(folder))
        {
            Mounts.Delete(folder);
        }
    }

    // Containers access their volumes by mounts; on the host only the owner can read them.
    private string Own(PodManifest pod, params ReadOnlySpan<string> parts)
    {
        var folder = Path.Combine(root, pod.Metadata.Uid);
        Directory.CreateDirectory(folder, OwnerOnly);
        File.SetUnixFileMode(folder, OwnerOnly);
        return Path.Combine([folder, .. parts]);
    }

    private string Configuration(PodManifest pod, V1Volume volume, LaunchFacts facts)
    {
        var files = VolumeGroup.Given(pod, Files(pod, volume, facts));
        var folder = Own(pod, "volumes", volume.Name);
        Ensure(folder, (UnixFileMode)0b111_101_101);
        ConfigurationFiles.Write(folder, Own(pod, "versions", volume.Name), files);
        return folder;
    }

    private string Empty(PodManifest pod, string name, V1EmptyDirVolumeSource empty)
    {
        var folder = Own(pod, "volumes", name);
        var group = isReal ? VolumeGroup.Of(pod) : null;
        Ensure(folder, Everybody, group);
        if (isReal && empty.Medium == "Memory")
        {
            Memory(name, folder, empty.SizeLimit, group);
        }

        return folder;
    }

    /// <summary>Creates a folder. The mode is set once, before the folder gets its name; later changes by containers are kept.</summary>
    internal static void Ensure(string folder, UnixFileMode mode, long? group = null)
    {
        // Pods that share a claim can begin at the same time.
        lock (Making)
        {
            if (Directory.Exists(folder))
            {
                return;
            }

            var draft = folder + ".new";
            Directory.CreateDirectory(draft);
            File.SetUnixFileMode(draft, mode);
            if (group is { } given)
            {
                VolumeGroup.Give(draft, given, mode);
            }

            Directory.Move(draft, folder);
        }
    }

    // The mount outlives this process, like the containers that use it.
    private static void Memory(string volume, string folder, ResourceQuantity? limit, long? group)
    {
        if (Mounts.Under(folder).Count > 0)
        {
            return;
        }

        var bytes = limit is null ? 0 : (long)Math.Ceiling(limit.ToDecimal());
        if (!Linux.TryTmpfs(folder, string.Create(CultureInfo.InvariantCulture, $"mode={(group is null ? "0777" : $"2777,gid={group}")}{(bytes > 0 ? $",size={bytes}" : "")}")))
        {
            throw new LaunchException($"volume \"{volume}\": tmpfs cannot be mounted: {Linux.LastError}");
        }
    }

    private static IReadOnlyList<ConfigurationFile> Files(PodManifest pod, V1Volume volume, LaunchFacts facts)
    {
        if (volume.ConfigMap is { } config)
        {
            return FromConfigMap(config.Name, config.Optional, config.Items, config.DefaultMode, facts);
        }

        if (volume.Secret is { } secret)
        {
            return FromSecret(secret.SecretName, secret.Optional, secret.Items, secret.DefaultMode, facts);
        }

        if (volume.DownwardAPI is { } downward)
        {
            return FromPod(pod, downward.Items, downward.DefaultMode, facts);
        }

        if (volume.Projected is { } projected)
        {
            return (projected.Sources ?? []).SelectMany(s =>
                s.ConfigMap is { } c ? FromConfigMap(c.Name, c.Optional, c.Items, projected.DefaultMode, facts)
                : s.Secret is { } x ? FromSecret(x.Name, x.Optional, x.Items, projected.DefaultMode, facts)
                : s.DownwardAPI is { } d ? FromPod(pod, d.Items, projected.DefaultMode, facts)
                : s.ServiceAccountToken is { } t ? [TokenFile.Of(pod, t, projected.DefaultMode ?? DefaultMode, facts.Tokens)]
                : []).ToList();
        }

        throw new LaunchException($"volume \"{volume.Name}\" has a type that this node does not support");
    }

    private static bool Changes(IList<V1DownwardAPIVolumeFile>? items) => items?.Any(i => i.FieldRef?.FieldPath is { } path
        && (path.StartsWith("metadata.labels", StringComparison.Ordinal) || path.StartsWith("metadata.annotations", StringComparison.Ordinal))) == true;

    private static IReadOnlyList<ConfigurationFile> FromConfigMap(string name, bool? optional, IList<V1KeyToPath>? items, int? mode, LaunchFacts facts)
    {
        if (!facts.ConfigMaps.TryGetValue(name, out var map))
        {
            return optional == true ? [] : throw new LaunchException($"configmap \"{name}\" not found");
        }

        var data = new Dictionary<string, byte[]>(map.BinaryData ?? new Dictionary<string, byte[]>());
        foreach (var (key, value) in map.Data ?? new Dictionary<string, string>())
        {
            data[key] = Encoding.UTF8.GetBytes(value);
        }

        return Select($"configmap \"{name}\"", data, items, mode, optional);
    }

    private static IReadOnlyList<ConfigurationFile> FromSecret(string name, bool? optional, IList<V1KeyToPath>? items, int? mode, LaunchFacts facts) =>
        facts.Secrets.TryGetValue(name, out var secret)
            ? Select($"secret \"{name}\"", secret.Data ?? new Dictionary<string, byte[]>(), items, mode, optional)
            : optional == true ? [] : throw new LaunchException($"secret \"{name}\" not found");

    private static IReadOnlyList<ConfigurationFile> FromPod(PodManifest pod, IList<V1DownwardAPIVolumeFile>? items, int? mode, LaunchFacts facts) =>
        (items ?? []).Select(i => new ConfigurationFile(
            i.Path,
            Encoding.UTF8.GetBytes(i.FieldRef is { } field ? FieldPath.Read(pod, field.FieldPath, facts) : FieldPath.Read(pod, pod.Spec.Containers[0], i.ResourceFieldRef, facts)),
            i.Mode ?? mode ?? DefaultMode)).ToList();

    private static IReadOnlyList<ConfigurationFile> Select(string of, IDictionary<string, byte[]> data, IList<V1KeyToPath>? items, int? mode, bool? optional)
    {
        if (items is not { Count: > 0 })
        {
            return data.Select(p => new ConfigurationFile(p.Key, p.Value, mode ?? DefaultMode)).ToList();
        }

        var missing = items.FirstOrDefault(i => !data.ContainsKey(i.Key));
        return missing is not null && optional != true
            ? throw new LaunchException(string.Create(CultureInfo.InvariantCulture, $"{of} has no key {missing.Key}"))
            : items.Where(i => data.ContainsKey(i.Key)).Select(i => new ConfigurationFile(i.Path, data[i.Key], i.Mode ?? mode ?? DefaultMode)).ToList();
    }
}
