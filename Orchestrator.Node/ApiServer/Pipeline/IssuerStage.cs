using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;
using Orchestrator.Node.Tokens;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Answers what others need to verify tokens of ServiceAccounts by themselves: the issuer's configuration and its public keys.</summary>
internal sealed class IssuerStage(ApiServices services) : IRequestStage
{
    public Task HandleAsync(HttpContext http, RequestInfo request, NextStage next) => request switch
    {
        { IsGet: true, Route: IssuerDocuments.ConfigurationPath } => StatusErrors.WriteJsonAsync(http, 200, IssuerDocuments.Configuration(services.Address)),
        { IsGet: true, Route: IssuerDocuments.KeysPath } => StatusErrors.WriteJsonAsync(http, 200, IssuerDocuments.Keys(services.Tokens.Keys.Valid(services.Time.GetUtcNow())), "application/jwk-set+json"),
        _ => next(http, request),
    };
}
