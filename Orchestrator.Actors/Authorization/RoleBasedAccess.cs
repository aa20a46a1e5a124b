using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.ClusterRoleBindings;
using Orchestrator.Actors.Kinds.ClusterRoles;
using Orchestrator.Actors.Kinds.RoleBindings;
using Orchestrator.Actors.Kinds.Roles;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Authorization;

/// <summary>Decides by roles and their bindings what somebody may do (Kubernetes, "Using RBAC Authorization"). What no rule allows is forbidden. Pure.</summary>
public static class RoleBasedAccess
{
    private const string RoleGroup = "rbac.authorization.k8s.io";

    /// <summary>Whether a user may do something.</summary>
    /// <param name="user">Name of the user.</param>
    /// <param name="groups">Groups of the user. The members of <c>system:masters</c> may do everything.</param>
    /// <param name="request">What the user wants to do.</param>
    /// <param name="view">The cluster.</param>
    public static bool Allows(string user, ImmutableArray<string> groups, AccessRequest request, IAdmissionView view) => groups.Contains(UserInfo.Masters)
        || view.All(ClusterRoleBindingDefinition.Instance).Any(b => Allows(b, "", user, groups, request, view))
        || (request.Namespace.Length > 0 && view.All(RoleBindingDefinition.Instance, request.Namespace).Any(b => Allows(b, request.Namespace, user, groups, request, view)));

    /// <summary>The rules that count for a user in a namespace.</summary>
    /// <param name="user">Name of the user.</param>
    /// <param name="groups">Groups of the user.</param>
    /// <param name="ns">The namespace; empty for none.</param>
    /// <param name="view">The cluster.</param>
    public static IEnumerable<PolicyRule> RulesFor(string user, ImmutableArray<string> groups, string ns, IAdmissionView view) =>
    [
        .. groups.Contains(UserInfo.Masters) ? (PolicyRule[])[PolicyRule.Everything, PolicyRule.EveryPath] : [],
        .. view.All(ClusterRoleBindingDefinition.Instance).SelectMany(b => Granted(b, "", user, groups, view)),
        .. ns.Length == 0 ? [] : view.All(RoleBindingDefinition.Instance, ns).SelectMany(b => Granted(b, ns, user, groups, view)),
    ];

    /// <summary>What else somebody must be allowed to write a role. Whoever could do so without it could give himself any right.</summary>
    /// <param name="request">What the user wants to do.</param>
    /// <returns>The further right; null if the request is not such a write.</returns>
    /// <remarks>Kubernetes also lets users grant what they are allowed themselves; this is not compared here.</remarks>
    public static AccessRequest? Escalation(AccessRequest request) => IsWrite(request) && request.Resource is ("roles" or "clusterroles") ? request with { Verb = "escalate" } : null;

    /// <summary>Whether somebody wants to write a binding, for which he must also be allowed to give its role.</summary>
    public static bool IsGrant(AccessRequest request) => IsWrite(request) && request.Resource is ("rolebindings" or "clusterrolebindings");

    /// <summary>What else somebody must be allowed to write a binding: to bind the role that it names.</summary>
    /// <param name="request">What the user wants to do.</param>
    /// <param name="binding">The binding.</param>
    /// <returns>The further right; null if the request does not write a binding.</returns>
    public static AccessRequest? Grant(AccessRequest request, JsonObject binding) => !IsGrant(request) ? null : request with
    {
        Verb = "bind",
        Resource = (string?)binding["roleRef"]?["kind"] == "ClusterRole" ? "clusterroles" : "roles",
        Name = (string?)binding["roleRef"]?["name"] ?? "",
    };

    private static bool IsWrite(AccessRequest request) => request is { Group: RoleGroup, Subresource: "", Verb: "create" or "update" or "patch" };

    private static bool Allows(KubeObject binding, string ns, string user, ImmutableArray<string> groups, AccessRequest request, IAdmissionView view) =>
        Granted(binding, ns, user, groups, view).Any(rule => rule.Allows(request));

    // The rules that a binding gives to a user.
    private static ImmutableArray<PolicyRule> Granted(KubeObject binding, string ns, string user, ImmutableArray<string> groups, IAdmissionView view)
    {
        var grant = binding.Outline(RoleGrant.Of);
        return grant.IsFor(user, groups) && RoleOf(grant, ns) is { } key && view.Find(key) is { } role ? role.Outline(Rules.Of).All : [];
    }

    // A binding of the whole cluster cannot give a role of one namespace.
    private static ObjectKey? RoleOf(RoleGrant grant, string ns) => grant.IsClusterRole ? ClusterRoleDefinition.Instance.Key(null, grant.Role)
        : ns.Length > 0 ? RoleDefinition.Instance.Key(ns, grant.Role) : null;

    private sealed record Rules(ImmutableArray<PolicyRule> All)
    {
        public static Rules Of(KubeObject role) => new(PolicyRule.Of(role));
    }
}
