using k8s.Models;

namespace Orchestrator.Node.Agent;

/// <summary>Turns a pod's spec into what the runtime takes: fetches what it refers to and resolves it.</summary>
internal sealed class PodLauncher
{
    public SandboxLaunch Sandbox(V1Pod pod) => new(
        pod.Metadata.Uid, pod.Metadata.NamespaceProperty, pod.Metadata.Name, pod.Spec.Hostname ?? pod.Metadata.Name, pod.Spec.HostNetwork == true,
        [.. pod.Spec.Containers.SelectMany(c => c.Ports ?? []).Where(p => p.HostPort is > 0)
            .Select(p => new HostPort(p.HostIP ?? "", p.HostPort!.Value, p.ContainerPort, p.Protocol ?? "TCP"))]);

    public Task<ContainerLaunch> ContainerAsync(V1Pod pod, V1Container container, int attempt, string? podIp, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(new ContainerLaunch(pod.Metadata.Uid, pod.Metadata.NamespaceProperty, pod.Metadata.Name, container.Name, attempt, container.Image,
            [.. container.Command ?? []], [.. container.Args ?? []],
            [.. (container.Env ?? []).Where(e => e.Value is not null).Select(e => KeyValuePair.Create(e.Name, e.Value))], container.WorkingDir, []));
    }
}
