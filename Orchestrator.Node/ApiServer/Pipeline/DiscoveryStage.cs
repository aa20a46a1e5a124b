using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Discovery;
using Orchestrator.Node.ApiServer.OpenApi;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Answers what clients ask about the API itself: groups, resources, OpenAPI.</summary>
internal sealed class DiscoveryStage(ResourceRegistry registry) : IRequestStage
{
    private readonly ResourceDiscovery _discovery = new(registry);
    private readonly AggregatedDiscovery _aggregated = new(registry);
    private readonly OpenApiHandler _openApi = new(registry);

    public async Task HandleAsync(HttpContext http, RequestInfo request, NextStage next)
    {
        if (request.IsGet && _discovery.Find(request.Route) is { } found)
        {
            if (!await _aggregated.HandleAsync(http, request.Route).ConfigureAwait(false))
            {
                await StatusErrors.WriteJsonAsync(http, 200, found).ConfigureAwait(false);
            }
        }
        else if (!await _openApi.HandleAsync(http, request.Route).ConfigureAwait(false))
        {
            await next(http, request).ConfigureAwait(false);
        }
    }
}
