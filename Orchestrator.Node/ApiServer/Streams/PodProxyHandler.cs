using Orchestrator.Node.ApiServer.Requests;
using k8s.Models;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary><c>pods/NAME:PORT/proxy/PATH</c>: passes a request on to a port of a pod (Kubernetes, "Access Services Running on Clusters").</summary>
internal sealed class PodProxyHandler(ApiServices services, PodForwarder forwarder)
{
    private const int UsualPort = 80;

    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var named = ProxyTarget.Of(request.Path.Name!);
        var given = named.Number;
        var target = await PodTarget.OfAsync(services, http, request with { Resource = request.Path with { Name = named.Name } }).ConfigureAwait(false);
        var port = given ?? target.Pod.As<V1Pod>().Spec.Containers.SelectMany(c => c.Ports ?? []).FirstOrDefault()?.ContainerPort ?? UsualPort;
        await forwarder.ForwardAsync(http, request, named.Scheme, target, port).ConfigureAwait(false);
    }
}
