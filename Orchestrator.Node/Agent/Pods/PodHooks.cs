using System.Net.Sockets;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Probes;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>Runs container lifecycle hooks (Kubernetes, "Container Lifecycle Hooks"): exec, httpGet or sleep.</summary>
internal sealed class PodHooks(AgentServices services)
{
    /// <summary>Runs a hook in a running container.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="container">Its container.</param>
    /// <param name="hook">The hook.</param>
    /// <param name="podIp">Address of the pod.</param>
    /// <param name="bound">Timeout.</param>
    /// <param name="cancellation">Cancels the hook.</param>
    /// <returns>Why it failed; null if it succeeded. The output is left out because more people can read Events than logs.</returns>
    /// <exception cref="RuntimeUnavailableException">The runtime does not answer, so the outcome is unknown.</exception>
    public async Task<string?> RunAsync(PodManifest pod, V1Container container, V1LifecycleHandler hook, string? podIp, TimeSpan bound, CancellationToken cancellation)
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
                    await Task.Delay(Seconds.Wait(sleep.Seconds), services.Time, limit.Token).ConfigureAwait(false);
                    return null;
                default:
                    // The deprecated tcpSocket handler is accepted and fails, as in the kubelet.
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
