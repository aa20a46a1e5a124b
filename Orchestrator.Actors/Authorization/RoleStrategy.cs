using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Authorization;

/// <summary>Rules of Roles and ClusterRoles (Kubernetes, "Using RBAC Authorization").</summary>
/// <param name="isOfCluster">Whether paths may be named, as in ClusterRoles.</param>
internal sealed class RoleStrategy(bool isOfCluster) : ResourceStrategy
{
    public override void Validate(JsonObject o, FieldErrors errors)
    {
        foreach (var (rule, i) in (o["rules"] as JsonArray ?? []).OfType<JsonObject>().Select((r, i) => (r, i)))
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"rules[{i}]");
            var (verbs, paths) = (Count(rule, "verbs"), Count(rule, "nonResourceURLs"));
            var (groups, resources, names) = (Count(rule, "apiGroups"), Count(rule, "resources"), Count(rule, "resourceNames"));
            if (verbs == 0)
            {
                errors.Required($"{path}.verbs", "verbs must contain at least one value");
            }

            if (paths > 0 && !isOfCluster)
            {
                errors.Invalid($"{path}.nonResourceURLs", rule["nonResourceURLs"]?.DeepClone(), "namespaced rules cannot apply to non-resource URLs");
            }
            else if (paths > 0 && groups + resources + names > 0)
            {
                errors.Invalid($"{path}.nonResourceURLs", rule["nonResourceURLs"]?.DeepClone(), "rules cannot apply to both regular resources and non-resource URLs");
            }
            else if (paths == 0)
            {
                Require(errors, groups, $"{path}.apiGroups", "resource rules must supply at least one api group");
                Require(errors, resources, $"{path}.resources", "resource rules must supply at least one resource");
            }
        }
    }

    public override IEnumerable<string> Warnings(JsonObject o) =>
        o["aggregationRule"] is null ? [] : ["aggregationRule: the rules of other roles are not taken over yet; only the role's own rules count"];

    private static void Require(FieldErrors errors, int count, string field, string detail)
    {
        if (count == 0)
        {
            errors.Required(field, detail);
        }
    }

    private static int Count(JsonObject rule, string name) => (rule[name] as JsonArray)?.Count ?? 0;
}
