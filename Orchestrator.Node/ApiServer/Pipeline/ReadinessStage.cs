using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Refuses requests until the host is ready, and says what it waits for.</summary>
internal sealed class ReadinessStage(ApiServices services) : IRequestStage
{
    public Task HandleAsync(HttpContext http, RequestInfo request, NextStage next) => services.NotReadyReason() is { } reason
        ? throw new ApiException(ApiReason.ServiceUnavailable, $"the server is not ready: {reason}")
        : next(http, request);
}
