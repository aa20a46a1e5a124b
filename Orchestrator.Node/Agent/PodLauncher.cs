using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.Agent.Launch;
using k8s.Models;

namespace Orchestrator.Node.Agent;

/// <summary>Builds launch requests for the runtime from the spec of a pod; loads and resolves the objects it refers to.</summary>
internal sealed class PodLauncher(AgentServices services)
{
    private readonly VolumeManager _volumes = new(services.Volumes, services.Runtime.HasNetwork);

    public static SandboxLaunch Sandbox(PodManifest pod) => new(
        pod.Metadata.Uid, pod.Metadata.NamespaceProperty, pod.Metadata.Name, pod.Spec.Hostname ?? pod.Metadata.Name, pod.Spec.HostNetwork == true,
        [.. pod.Spec.Lasting().SelectMany(c => c.Ports ?? []).Where(p => p.HostPort is > 0)
            .Select(p => new HostPort(p.HostIP ?? "", p.HostPort!.Value, p.ContainerPort, p.Protocol ?? "TCP"))]);

    /// <summary>One attempt of a container, ready to start.</summary>
    /// <exception cref="ContainerRefusedException">An object that it refers to is missing: <c>CreateContainerConfigError</c>.</exception>
    public async Task<ContainerLaunch> ContainerAsync(PodManifest pod, V1Container container, int attempt, string? podIp, RuntimeInfo? host, CancellationToken cancellation)
    {
        try
        {
            var asksImage = NonRoot.AsksImage(pod, container) || ContainerSecurity.AsksImage(pod, container);
            var imageUser = asksImage ? await services.Runtime.ImageUserAsync(container.Image, cancellation).ConfigureAwait(false) : null;
            NonRoot.Check(pod, container, imageUser);
            var (configMaps, secrets) = ContainerLaunchBuilder.References(pod);
            var facts = new LaunchFacts(pod.Spec.HostNetwork == true ? services.HostIp : podIp, services.HostIp, services.Node, (host?.Cpus ?? 0) * 1000L, host?.MemoryBytes ?? 0,
                await ReadAsync<V1ConfigMap>(ConfigMapDefinition.Instance, pod, configMaps, cancellation).ConfigureAwait(false),
                await ReadAsync<V1Secret>(SecretDefinition.Instance, pod, secrets, cancellation).ConfigureAwait(false));
            var launch = ContainerLaunchBuilder.Build(pod, container, attempt, facts, _volumes.Prepare(pod, facts),
                (mount, volume, sub) => _volumes.Inside(pod.Metadata.Uid, container.Name, mount, volume, sub));
            return ContainerSecurity.Apply(launch, pod, container, imageUser);
        }
        catch (Exception e) when (e is LaunchException or IOException or UnauthorizedAccessException)
        {
            throw new ContainerRefusedException("CreateContainerConfigError", e.Message);
        }
    }

    /// <summary>Removes the pod's volumes.</summary>
    public void Forget(string podUid) => _volumes.Remove(podUid);

    /// <summary>Uids of pods that have volumes here.</summary>
    public IReadOnlyList<string> WithVolumes() => _volumes.Pods();

    private async Task<ImmutableDictionary<string, T>> ReadAsync<T>(ResourceDefinition kind, PodManifest pod, IEnumerable<string> names, CancellationToken cancellation) where T : class
    {
        var found = ImmutableDictionary.CreateBuilder<string, T>();
        foreach (var name in names.Where(n => kind.NameRule(n) is null))
        {
            var reply = await services.Store.SendAsync(new GetObject(kind.Key(pod.Metadata.NamespaceProperty, name), $"system:node:{services.Node}"), cancellation)
                .ConfigureAwait(false);
            if (reply.Object is { } o)
            {
                found[name] = o.As<T>();
            }
            else if (reply.Error is { Reason: not ApiReason.NotFound } error)
            {
                throw new LaunchException($"{kind.Singular} \"{name}\" could not be read: {error.Message}");
            }
        }

        return found.ToImmutable();
    }
}
