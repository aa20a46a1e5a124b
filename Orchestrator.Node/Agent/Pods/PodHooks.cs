using System.Net.Sockets;
using k8s.Models;
using Orchestrator.Node.Agent.Probes;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>Runs the hooks of containers (Kubernetes, "Container Lifecycle Hooks"): a command, a request whose answer does not matter, or a rest.</summary>
internal sealed class PodHooks(AgentServices services)
{
    /// <summary>Runs a hook in a container that runs.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="container">Its container.</param>
    /// <param name="hook">What to run.</param>
    /// <param name="podIp">Address of the pod.</param>
    /// <param name="bound">How long it may take.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Why it failed, without what it printed: Events are read by more people than logs are; null when it did not.</returns>
    /// <exception cref="RuntimeUnavailableException">Nobody knows what became of it.</exception>
    public async Task<string?> RunAsync(V1Pod pod, V1Container container, V1LifecycleHandler hook, string? podIp, TimeSpan bound, CancellationToken cancellation)
    {
        var late = $"not done in {bound.TotalSeconds:0}s";
        using var time = new CancellationTokenSource(bound, services.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellation);
        try
        {
            switch (hook)
            {
                case { Exec: { } exec }:
                    var (code, _) = await services.Runtime.ExecAsync(pod.Metadata.Uid, container.Name, [.. exec.Command], bound, cancellation).ConfigureAwait(false);
                    return code switch { 0 => null, null => late, _ => $"exit code {code}" };
                case { HttpGet: { } get }:
                    if (services.Runtime.HasNetwork)
                    {
                        await HttpAction.GetAsync(get, container, podIp, "kube-lifecycle", limit.Token).ConfigureAwait(false);
                    }

                    return null;
                case { Sleep: { } sleep }:
                    await Task.Delay(TimeSpan.FromSeconds(sleep.Seconds), services.Time, limit.Token).ConfigureAwait(false);
                    return null;
                default:
                    // Of the old times: tcpSocket is accepted and fails, as with the kubelet.
                    return "invalid handler";
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return late;
        }
        catch (Exception e) when (e is ContainerRefusedException or HttpRequestException or SocketException or ArgumentException or UriFormatException)
        {
            return e.Message;
        }
    }
}
