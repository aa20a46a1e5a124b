using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>What comes after a stage.</summary>
internal delegate Task NextStage(HttpContext http, RequestInfo request);

/// <summary>One step of the way that every request takes. A stage answers the request, ends it with an
/// <see cref="Answers.ApiException"/>, or passes it on.</summary>
internal interface IRequestStage
{
    /// <summary>Handles a request.</summary>
    Task HandleAsync(HttpContext http, RequestInfo request, NextStage next);
}
