using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Authorization;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>Refuses a binding of a role that its writer may not give (Kubernetes, "Using RBAC Authorization", restrictions on role binding creation).</summary>
internal static class GrantCheck
{
    /// <summary>Checks the object that is to be stored; nothing if it is not a binding.</summary>
    public static void Check(RequestInfo request, JsonObject o, IAdmissionView view)
    {
        if (RoleBasedAccess.Grant(Access.Of(request), o) is { } wanted && !RoleBasedAccess.Allows(request.User.Name, request.Identity.Groups, wanted, view))
        {
            throw new ApiException(ApiReason.Forbidden, wanted.Refusal(request.User.Name));
        }
    }
}
