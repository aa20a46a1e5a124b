using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Discovery;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Takes each request through the stages, in their order. One that no stage answers gets 404.</summary>
internal sealed class RequestPipeline
{
    private readonly ResourceRegistry _registry;
    private readonly NextStage _first;

    public RequestPipeline(ResourceRegistry registry, params ReadOnlySpan<IRequestStage> stages)
    {
        _registry = registry;
        NextStage next = (_, request) => throw new ApiException(ApiReason.NotFound, UnservedKinds.Sentence(request.Route, registry));
        for (var i = stages.Length - 1; i >= 0; i--)
        {
            var (stage, after) = (stages[i], next);
            next = (http, request) => stage.HandleAsync(http, request, after);
        }

        _first = next;
    }

    /// <summary>Answers a request.</summary>
    public Task HandleAsync(HttpContext http) => _first(http, RequestInfo.Of(http, _registry));
}
