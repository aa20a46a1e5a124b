using Orchestrator.Node.ApiServer.Monitoring;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Answers <c>/metrics</c>, ready or not.</summary>
internal sealed class MetricsStage(ServerMetrics metrics, ApiServices services) : IRequestStage
{
    public Task HandleAsync(HttpContext http, RequestInfo request, NextStage next) =>
        request is { IsGet: true, Route: "/metrics" } ? metrics.HandleAsync(http, services) : next(http, request);
}
