using System.Globalization;
using System.Security.Cryptography;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Endpoints;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;
using k8s.Models;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary><c>services/NAME:PORT/proxy/PATH</c>: passes a request on to a pod that is ready behind a port of a service (Kubernetes, "Access Services Running on Clusters"). Endpoints that
/// are no pods get nothing: whoever may write them could reach what the API server reaches.</summary>
internal sealed class ServiceProxyHandler(ApiServices services, PodForwarder forwarder)
{
    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var named = ProxyTarget.Of(request.Path.Name!);
        var reply = await services.Store.SendAsync(new GetObject(request.Kind.Key(request.Path.Namespace, named.Name), request.User), http.RequestAborted).ConfigureAwait(false);
        var service = reply.Object ?? throw new ApiException(reply.Error!);
        var port = PortOf(service, named.Port) ?? throw Unavailable($"service \"{service.Name}\" has no port \"{named.Port}\"");
        var all = await services.Cache.SnapshotAsync(EndpointsDefinition.Instance, http.RequestAborted).ConfigureAwait(false);
        var ready = Ready(all.Find(service.Namespace, service.Name), port).ToArray();
        RandomNumberGenerator.Shuffle(ready.AsSpan());
        foreach (var (pod, address, number) in ready)
        {
            if (services.Cache.Find(PodDefinition.Instance.Key(service.Namespace, pod)) is { NodeName: { Length: > 0 } node } found && found.As<V1Pod>().Status?.PodIP == address)
            {
                await forwarder.ForwardAsync(http, request, named.Scheme, new PodTarget(found, node), number).ConfigureAwait(false);
                return;
            }
        }

        throw Unavailable($"no endpoints available for service \"{service.Name}\"");
    }

    // The name of the port that is meant by a name or a number; null if the service has none such.
    private static string? PortOf(KubeObject service, string text) => (service.As<V1Service>().Spec?.Ports ?? [])
        .Where(p => (p.Name ?? "") == text || p.Port.ToString(CultureInfo.InvariantCulture) == text).Select(p => p.Name ?? "").FirstOrDefault();

    // The pods that are ready behind a port, with their addresses and ports.
    private static IEnumerable<(string Pod, string Address, int Port)> Ready(KubeObject? endpoints, string port) =>
        from subset in endpoints?.As<V1Endpoints>().Subsets ?? []
        from at in subset.Ports ?? []
        where (at.Name ?? "") == port
        from address in subset.Addresses ?? []
        where address.TargetRef is { Kind: "Pod" } target && target.NamespaceProperty == endpoints!.Namespace
        select (address.TargetRef.Name, address.Ip, at.Port);

    // kubectl would try again ten times without a word.
    private static ApiException Unavailable(string why) => new(ApiReason.ServiceUnavailable, why) { SaysWhenToRepeat = false };
}
