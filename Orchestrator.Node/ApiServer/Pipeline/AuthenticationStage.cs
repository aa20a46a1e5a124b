using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Finds out who asks. Nobody else gets further; authorization beyond that comes with RBAC.</summary>
internal sealed class AuthenticationStage(Authenticator authenticator) : IRequestStage
{
    public Task HandleAsync(HttpContext http, RequestInfo request, NextStage next) => next(http, request with { User = authenticator.User(http) });
}
