using Orchestrator.Node.ApiServer.Reads;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Answers <c>/backup</c>.</summary>
internal sealed class BackupStage(ApiServices services) : IRequestStage
{
    public Task HandleAsync(HttpContext http, RequestInfo request, NextStage next) =>
        request is { IsGet: true, Route: "/backup" } ? BackupHandler.HandleAsync(http, services) : next(http, request);
}
