using System.Collections.Immutable;
using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>Builds the launch request of a container from its spec.</summary>
internal static class ContainerLaunchBuilder
{
    /// <summary>Names of the ConfigMaps and Secrets that the pod's environment and volumes need, optional ones too.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="isReal">Whether containers really use its volumes; otherwise those with tokens are not filled.</param>
    public static (ImmutableHashSet<string> ConfigMaps, ImmutableHashSet<string> Secrets) References(PodManifest pod, bool isReal)
    {
        var containers = pod.Spec.Possible().ToList();
        var volumes = VolumeReferences(pod, isReal);
        return (
            [
                .. volumes.ConfigMaps,
                .. containers.SelectMany(c => c.Env ?? []).Select(e => e.ValueFrom?.ConfigMapKeyRef?.Name).OfType<string>(),
                .. containers.SelectMany(c => c.EnvFrom ?? []).Select(e => e.ConfigMapRef?.Name).OfType<string>(),
            ],
            [
                .. volumes.Secrets,
                .. containers.SelectMany(c => c.Env ?? []).Select(e => e.ValueFrom?.SecretKeyRef?.Name).OfType<string>(),
                .. containers.SelectMany(c => c.EnvFrom ?? []).Select(e => e.SecretRef?.Name).OfType<string>(),
            ]);
    }

    /// <summary>Names of the ConfigMaps and Secrets that the pod's volumes show, optional ones too.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="isReal">Whether containers really use its volumes; otherwise those with tokens are not filled.</param>
    public static (ImmutableHashSet<string> ConfigMaps, ImmutableHashSet<string> Secrets) VolumeReferences(PodManifest pod, bool isReal)
    {
        var volumes = (pod.Spec.Volumes ?? []).Where(v => isReal || !VolumeManager.ShowsToken(v)).ToList();
        var projected = volumes.SelectMany(v => v.Projected?.Sources ?? []).ToList();
        return (
            [
                .. volumes.Select(v => v.ConfigMap?.Name).OfType<string>(),
                .. projected.Select(p => p.ConfigMap?.Name).OfType<string>(),
            ],
            [
                .. volumes.Select(v => v.Secret?.SecretName).OfType<string>(),
                .. projected.Select(p => p.Secret?.Name).OfType<string>(),
            ]);
    }

    /// <summary>Builds the launch request of one attempt.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="container">The container in it.</param>
    /// <param name="attempt">0 for the first start.</param>
    /// <param name="facts">Resolved references of the spec.</param>
    /// <param name="volumes">Host paths of the pod's volumes, by name.</param>
    /// <param name="inside">Returns the host path of the n-th mount with a subPath.</param>
    /// <exception cref="LaunchException">Something that it refers to is missing.</exception>
    public static ContainerLaunch Build(PodManifest pod, V1Container container, int attempt, LaunchFacts facts, IReadOnlyDictionary<string, PreparedVolume> volumes,
        Func<int, string, string, string> inside)
    {
        var env = EnvironmentBuilder.Build(pod, container, facts);
        var values = env.ToDictionary(e => e.Key, e => e.Value);
        var security = container.SecurityContext;
        return new ContainerLaunch(
            pod.Metadata.Uid, pod.Metadata.NamespaceProperty, pod.Metadata.Name, container.Name, attempt, container.Image,
            [.. (container.Command ?? []).Select(c => Expansion.Expand(c, values))],
            [.. (container.Args ?? []).Select(a => Expansion.Expand(a, values))],
            env,
            container.WorkingDir,
            [.. (container.VolumeMounts ?? []).Select((m, i) => Bind(m, i, volumes, inside, values))],
            Resources: ContainerResources.Of(container.Resources),
            RunAsUser: security?.RunAsUser ?? pod.Spec.SecurityContext?.RunAsUser,
            RunAsGroup: security?.RunAsGroup ?? pod.Spec.SecurityContext?.RunAsGroup,
            IsPrivileged: security?.Privileged == true,
            IsReadOnlyRoot: security?.ReadOnlyRootFilesystem == true,
            AddCapabilities: [.. security?.Capabilities?.Add ?? []],
            DropCapabilities: [.. security?.Capabilities?.Drop ?? []],
            IsTty: container.Tty == true,
            IsStdin: container.Stdin == true,
            IsStdinOnce: container.StdinOnce == true,
            TerminationMessagePath: Absolute(container.TerminationMessagePath ?? "/dev/termination-log"),
            IsMessageFromLog: container.TerminationMessagePolicy == "FallbackToLogsOnError");
    }

    private static VolumeBind Bind(V1VolumeMount mount, int index, IReadOnlyDictionary<string, PreparedVolume> volumes, Func<int, string, string, string> inside, Dictionary<string, string> env)
    {
        var volume = volumes.GetValueOrDefault(mount.Name) ?? throw new LaunchException($"volume \"{mount.Name}\" is not there");
        var folder = volume.Path;
        var sub = mount.SubPathExpr is { Length: > 0 } expression ? Expansion.Expand(expression, env) : mount.SubPath;
        if (sub is { Length: > 0 })
        {
            folder = inside(index, folder, sub);
        }

        return new VolumeBind(folder, Absolute(mount.MountPath), mount.ReadOnlyProperty == true || volume.IsReadOnly, mount.MountPropagation switch
        {
            "HostToContainer" => "rslave",
            "Bidirectional" => "rshared",
            _ => "rprivate",
        });
    }

    // Like the kubelet: relative to the root and not to the working directory of the image.
    private static string Absolute(string path) => path.StartsWith('/') ? path : $"/{path}";
}
