using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>The pod that a stream goes to, and its node.</summary>
internal sealed record PodTarget(KubeObject Pod, string Node)
{
    /// <summary>Finds the pod of a request.</summary>
    /// <exception cref="ApiException">There is none, or it runs nowhere.</exception>
    public static async Task<PodTarget> OfAsync(ApiServices services, HttpContext http, RequestInfo request)
    {
        var reply = await services.Store.SendAsync(new GetObject(request.Kind.Key(request.Path.Namespace, request.Path.Name!), request.User), http.RequestAborted).ConfigureAwait(false);
        var pod = reply.Object ?? throw new ApiException(reply.Error!);
        return pod.NodeName is not { Length: > 0 } node ? throw new ApiException(ApiReason.BadRequest, $"pod {pod.Name} does not have a host assigned")
            : pod.Phase is "Succeeded" or "Failed" ? throw new ApiException(ApiReason.BadRequest, $"pod {pod.Name} has ended; its phase is {pod.Phase}")
            : new PodTarget(pod, node);
    }
}
