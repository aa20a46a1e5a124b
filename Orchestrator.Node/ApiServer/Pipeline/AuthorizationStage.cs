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
        var wanted = Access.Of(request);
        if (Access.Narrower(request) is not { } narrower || !Allows(services, request.Identity, narrower))
        {
            await CheckAsync(services, request.Identity, wanted, http.RequestAborted).ConfigureAwait(false);
        }

        if (RoleBasedAccess.Escalation(wanted) is { } further)
        {
            await CheckAsync(services, request.Identity, further, http.RequestAborted).ConfigureAwait(false);
        }

        if (RoleBasedAccess.IsGrant(wanted) && !request.User.Groups.Contains(UserInfo.Masters))
        {
            // The write checks whether the role may be given, by roles that may have been written a moment ago, by another host.
            await services.Cache.SnapshotAsync(ClusterRoleBindingDefinition.Instance, http.RequestAborted).ConfigureAwait(false);
        }

        await next(http, request).ConfigureAwait(false);
    }

    /// <summary>Checks a right, also one that only the body of a request shows to be needed.</summary>
    /// <exception cref="ApiException">The user does not have it, or nobody knows yet.</exception>
    internal static async Task CheckAsync(ApiServices services, Identity who, AccessRequest wanted, CancellationToken cancellation)
    {
        if (who.User.Groups.Contains(UserInfo.Masters))
        {
            return;
        }

        // Neither roles nor bindings are known before the journal has been read.
        if (services.NotReadyReason() is { } reason)
        {
            throw new ApiException(ApiReason.ServiceUnavailable, $"the server is not ready: {reason}");
        }

        if (Allows(services, who, wanted))
        {
            return;
        }

        // The right may have been given a moment ago, by another host.
        await services.Cache.SnapshotAsync(ClusterRoleBindingDefinition.Instance, cancellation).ConfigureAwait(false);
        if (!Allows(services, who, wanted))
        {
            throw new ApiException(ApiReason.Forbidden, wanted.Refusal(who.User.Name));
        }
    }

    private static bool Allows(ApiServices services, Identity who, AccessRequest wanted) => RoleBasedAccess.Allows(who.User.Name, who.Groups, wanted, services.Cache);
}
