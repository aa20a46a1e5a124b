using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Discovery;
using Orchestrator.Node.ApiServer.Monitoring;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Answers what everybody may ask, ready or not: health and version.</summary>
internal sealed class HealthStage(ApiServices services) : IRequestStage
{
    public async Task HandleAsync(HttpContext http, RequestInfo request, NextStage next)
    {
        if (await Health.HandleAsync(http, request.Route, services).ConfigureAwait(false))
        {
            return;
        }

        await (request is { IsGet: true, Route: "/version" } ? StatusErrors.WriteJsonAsync(http, 200, ResourceDiscovery.Version) : next(http, request)).ConfigureAwait(false);
    }
}
