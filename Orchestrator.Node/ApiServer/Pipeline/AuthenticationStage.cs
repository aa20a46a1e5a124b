using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Finds out who asks. Nobody else gets further.</summary>
internal sealed class AuthenticationStage(Authenticator authenticator) : IRequestStage
{
    public async Task HandleAsync(HttpContext http, RequestInfo request, NextStage next) =>
        await next(http, request with { Identity = await authenticator.AuthenticateAsync(http).ConfigureAwait(false) }).ConfigureAwait(false);
}
