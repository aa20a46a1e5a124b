using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.ServiceAccounts;

namespace Orchestrator.Actors.Authorization;

/// <summary>What a binding says: who gets which role.</summary>
/// <param name="Users">Names of users, those of ServiceAccounts among them.</param>
/// <param name="Groups">Names of groups.</param>
/// <param name="IsClusterRole">Whether the role is a ClusterRole.</param>
/// <param name="Role">Name of the role.</param>
internal sealed record RoleGrant(ImmutableHashSet<string> Users, ImmutableHashSet<string> Groups, bool IsClusterRole, string Role)
{
    /// <summary>Reads a binding.</summary>
    public static RoleGrant Of(KubeObject binding)
    {
        var node = binding.ToNode();
        var users = ImmutableHashSet.CreateBuilder<string>();
        var groups = ImmutableHashSet.CreateBuilder<string>();
        foreach (var subject in (node["subjects"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var name = (string?)subject["name"] ?? "";
            switch ((string?)subject["kind"])
            {
                case "User":
                    users.Add(name);
                    break;
                case "Group":
                    groups.Add(name);
                    break;
                case "ServiceAccount" when ((string?)subject["namespace"] is { Length: > 0 } ns ? ns : binding.Namespace) is { Length: > 0 } home:
                    users.Add(new TokenSubject(home, name, "").UserName);
                    break;
                default:
                    break;
            }
        }

        return new RoleGrant(users.ToImmutable(), groups.ToImmutable(), (string?)node["roleRef"]?["kind"] == "ClusterRole", (string?)node["roleRef"]?["name"] ?? "");
    }

    /// <summary>Whether somebody is among those who get the role.</summary>
    public bool IsFor(string user, IEnumerable<string> groups) => Users.Contains(user) || groups.Any(Groups.Contains);
}
