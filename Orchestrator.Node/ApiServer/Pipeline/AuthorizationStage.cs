using Orchestrator.Actors.Api;
using Orchestrator.Actors.Authorization;
using Orchestrator.Actors.Kinds.ClusterRoleBindings;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Lets pass what the roles of the user allow. Members of <c>system:masters</c> may do everything, ready or not.</summary>
internal sealed class AuthorizationStage(ApiServices services) : IRequestStage
{
    public async Task HandleAsync(HttpContext http, RequestInfo request, NextStage next)
    {
        if (!request.User.Groups.Contains(UserInfo.Masters))
        {
            var wanted = Access.Of(request);
            await CheckAsync(http, request.Identity, wanted).ConfigureAwait(false);
            if (RoleBasedAccess.Escalation(wanted) is { } further)
            {
                await CheckAsync(http, request.Identity, further).ConfigureAwait(false);
            }
        }

        await next(http, request).ConfigureAwait(false);
    }

    // Neither roles nor bindings are known before the journal has been read.
    private async Task CheckAsync(HttpContext http, Identity who, AccessRequest wanted)
    {
        if (services.NotReadyReason() is { } reason)
        {
            throw new ApiException(ApiReason.ServiceUnavailable, $"the server is not ready: {reason}");
        }

        if (Allows(who, wanted))
        {
            return;
        }

        // The right may have been given a moment ago, by another host.
        await services.Cache.SnapshotAsync(ClusterRoleBindingDefinition.Instance, http.RequestAborted).ConfigureAwait(false);
        if (!Allows(who, wanted))
        {
            throw new ApiException(ApiReason.Forbidden, wanted.Refusal(who.User.Name));
        }
    }

    private bool Allows(Identity who, AccessRequest wanted) => RoleBasedAccess.Allows(who.User.Name, who.Groups, wanted, services.Cache);
}
