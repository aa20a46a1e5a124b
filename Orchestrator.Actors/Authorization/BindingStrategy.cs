using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Authorization;

/// <summary>Rules of RoleBindings and ClusterRoleBindings (Kubernetes, "Using RBAC Authorization").</summary>
/// <param name="isOfCluster">Whether only ClusterRoles can be bound, as by ClusterRoleBindings.</param>
internal sealed class BindingStrategy(bool isOfCluster) : ResourceStrategy
{
    private const string RoleGroup = "rbac.authorization.k8s.io";

    public override void Default(JsonObject o)
    {
        if (o["roleRef"] is JsonObject role)
        {
            Fill(role, RoleGroup);
        }

        foreach (var subject in (o["subjects"] as JsonArray ?? []).OfType<JsonObject>())
        {
            Fill(subject, (string?)subject["kind"] == "ServiceAccount" ? "" : RoleGroup);
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        errors.OneOf("roleRef.apiGroup", (string?)o["roleRef"]?["apiGroup"], RoleGroup);
        errors.OneOf("roleRef.kind", (string?)o["roleRef"]?["kind"] ?? "", isOfCluster ? ["ClusterRole"] : ["Role", "ClusterRole"]);
        if ((string?)o["roleRef"]?["name"] is not { Length: > 0 })
        {
            errors.Required("roleRef.name");
        }

        foreach (var (subject, i) in (o["subjects"] as JsonArray ?? []).OfType<JsonObject>().Select((s, i) => (s, i)))
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"subjects[{i}]");
            errors.OneOf($"{path}.kind", (string?)subject["kind"] ?? "", "ServiceAccount", "User", "Group");
            if ((string?)subject["name"] is not { Length: > 0 })
            {
                errors.Required($"{path}.name");
            }

            if (isOfCluster && (string?)subject["kind"] == "ServiceAccount" && (string?)subject["namespace"] is not { Length: > 0 })
            {
                errors.Required($"{path}.namespace");
            }
        }
    }

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(o["roleRef"], old["roleRef"]))
        {
            errors.Invalid("roleRef", o["roleRef"]?.DeepClone(), "cannot change roleRef");
        }
    }

    private static void Fill(JsonObject o, string group)
    {
        if ((string?)o["apiGroup"] is not { Length: > 0 } && group.Length > 0)
        {
            o["apiGroup"] = group;
        }
    }
}
