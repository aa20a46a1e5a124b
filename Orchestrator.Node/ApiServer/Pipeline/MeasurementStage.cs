using Orchestrator.Node.ApiServer.Monitoring;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Counts and times every request.</summary>
internal sealed class MeasurementStage(RequestMetrics metrics, TimeProvider time) : IRequestStage
{
    public async Task HandleAsync(HttpContext http, RequestInfo request, NextStage next)
    {
        var begun = time.GetTimestamp();
        metrics.Begun(http, request);
        try
        {
            await next(http, request).ConfigureAwait(false);
        }
        finally
        {
            metrics.Ended(http, request, time.GetElapsedTime(begun));
        }
    }
}
