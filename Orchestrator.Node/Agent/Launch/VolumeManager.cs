using System.Globalization;
using System.Text;
using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>The folders behind a pod's volumes, under <c>&lt;root&gt;/&lt;uid&gt;/volumes</c>.</summary>
internal sealed class VolumeManager(string root)
{
    private const int DefaultMode = 0b110_100_100;

    /// <summary>Makes every volume of a pod; host folder by volume name. May be repeated: configuration is brought up to date.</summary>
    /// <exception cref="LaunchException">A volume cannot be had.</exception>
    public IReadOnlyDictionary<string, string> Prepare(V1Pod pod, LaunchFacts facts)
    {
        var folders = new Dictionary<string, string>();
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            folders[volume.Name] = volume.HostPath is { } host ? HostPath(host) : Prepare(pod, volume, facts);
        }

        foreach (var container in pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []))
        {
            foreach (var mount in (container.VolumeMounts ?? []).Where(m => m.SubPath is { Length: > 0 }))
            {
                // A subPath of an empty volume is made as a folder.
                if (folders.TryGetValue(mount.Name, out var folder) && Inside(folder, mount.SubPath) is var sub && !File.Exists(sub))
                {
                    Directory.CreateDirectory(sub);
                }
            }
        }

        return folders;
    }

    /// <summary>Removes all that a pod had.</summary>
    public void Remove(string podUid)
    {
        var folder = Path.Combine(root, podUid);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A path inside a volume, its links followed: a container that writes the volume must not reach the host through one.</summary>
    /// <exception cref="LaunchException">It leads out of the volume.</exception>
    public static string Inside(string volume, string sub)
    {
        var outside = new LaunchException($"subPath \"{sub}\" must stay inside its volume");
        if (sub.StartsWith('/') || sub.Split('/').Contains(".."))
        {
            throw outside;
        }

        var root = Path.GetFullPath(volume);
        var path = root;
        foreach (var part in sub.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
            {
                path = Path.GetFullPath(File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName);
            }

            if (!path.StartsWith(root + "/", StringComparison.Ordinal))
            {
                throw outside;
            }
        }

        return path;
    }

    private string Prepare(V1Pod pod, V1Volume volume, LaunchFacts facts)
    {
        var folder = Path.Combine(root, pod.Metadata.Uid, "volumes", volume.Name);
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, (UnixFileMode)(volume.EmptyDir is null ? 0b111_101_101 : 0b111_111_111));
        if (volume.EmptyDir is null)
        {
            ConfigurationFiles.Write(folder, Files(pod, volume, facts));
        }

        return folder;
    }

    private static IEnumerable<ConfigurationFile> Files(V1Pod pod, V1Volume volume, LaunchFacts facts)
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
                : []).ToList();
        }

        throw new LaunchException($"volume \"{volume.Name}\" is of a type that this node does not mount");
    }

    private static IEnumerable<ConfigurationFile> FromConfigMap(string name, bool? optional, IList<V1KeyToPath>? items, int? mode, LaunchFacts facts)
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

    private static IEnumerable<ConfigurationFile> FromSecret(string name, bool? optional, IList<V1KeyToPath>? items, int? mode, LaunchFacts facts) =>
        facts.Secrets.TryGetValue(name, out var secret)
            ? Select($"secret \"{name}\"", secret.Data ?? new Dictionary<string, byte[]>(), items, mode, optional)
            : optional == true ? [] : throw new LaunchException($"secret \"{name}\" not found");

    private static IEnumerable<ConfigurationFile> FromPod(V1Pod pod, IList<V1DownwardAPIVolumeFile>? items, int? mode, LaunchFacts facts) =>
        (items ?? []).Select(i => new ConfigurationFile(
            i.Path,
            Encoding.UTF8.GetBytes(i.FieldRef is { } field ? FieldPath.Read(pod, field.FieldPath, facts) : FieldPath.Read(pod, pod.Spec.Containers[0], i.ResourceFieldRef, facts)),
            i.Mode ?? mode ?? DefaultMode)).ToList();

    private static IEnumerable<ConfigurationFile> Select(string of, IDictionary<string, byte[]> data, IList<V1KeyToPath>? items, int? mode, bool? optional)
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

    private static string HostPath(V1HostPathVolumeSource host)
    {
        switch (host.Type)
        {
            case "DirectoryOrCreate":
                Directory.CreateDirectory(host.Path);
                break;
            case "FileOrCreate" when !File.Exists(host.Path):
                File.WriteAllBytes(host.Path, []);
                break;
            case "Directory" when !Directory.Exists(host.Path):
                throw new LaunchException($"hostPath type check failed: {host.Path} is not a directory");
            case "File" when !File.Exists(host.Path):
                throw new LaunchException($"hostPath type check failed: {host.Path} is not a file");
        }

        return host.Path;
    }
}
