using Orchestrator.Node.ApiServer.Discovery;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Answers requests for objects.</summary>
internal sealed class ResourceStage(ResourceRouter router) : IRequestStage
{
    public Task HandleAsync(HttpContext http, RequestInfo request, NextStage next)
    {
        if (request.Resource is null)
        {
            return next(http, request);
        }

        // What a pod answers is the pod's.
        if (!Subresources.IsConnection(request.Resource.Subresource))
        {
            Queries.CheckAccept(http, request.Route);
        }

        return router.HandleAsync(http, request);
    }
}
