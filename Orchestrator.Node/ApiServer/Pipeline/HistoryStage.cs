using Orchestrator.Node.ApiServer.Reads;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Answers the history API.</summary>
internal sealed class HistoryStage(ApiServices services) : IRequestStage
{
    public async Task HandleAsync(HttpContext http, RequestInfo request, NextStage next)
    {
        if (!await HistoryHandler.HandleAsync(http, services, request.Route).ConfigureAwait(false))
        {
            await next(http, request).ConfigureAwait(false);
        }
    }
}
