using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.ResourceQuotas;

/// <summary>Rules of ResourceQuotas (Kubernetes, "Resource Quotas").</summary>
internal sealed class ResourceQuotaStrategy : ResourceStrategy
{
    private const string WrongScope = "unsupported scope applied to resource";

    // A quota with both counts nothing.
    private static readonly (string One, string Other)[] Opposites = [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")];

    public override void Default(JsonObject o) => ResourceAmounts.Canonicalize(o["spec"]?["hard"]);

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var spec = o["spec"] as JsonObject;
        var hard = spec?["hard"] as JsonObject ?? [];
        foreach (var (name, value) in hard)
        {
            Hard(errors, $"spec.hard[{name}]", name, value);
        }

        var names = hard.Select(h => h.Key).ToList();
        var scopes = (spec?["scopes"] as JsonArray ?? []).Select(s => (string)s!).ToList();
        foreach (var scope in scopes)
        {
            Scope(errors, "spec.scopes", spec!["scopes"], scope, names);
        }

        Conflicts(errors, "spec.scopes", spec?["scopes"], scopes);
        var terms = MetadataValidation.Items(spec?["scopeSelector"] as JsonObject, "matchExpressions").ToList();
        foreach (var (term, i) in terms)
        {
            Term(errors, $"spec.scopeSelector.matchExpressions[{i}]", term, names);
        }

        Conflicts(errors, "spec.scopeSelector.matchExpressions", spec?["scopeSelector"]?["matchExpressions"], [.. terms.Select(t => (string?)t.Item["scopeName"] ?? "")]);
    }

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors) => errors.Immutable("spec.scopes", o["spec"]?["scopes"], old["spec"]?["scopes"]);

    private static void Hard(FieldErrors errors, string path, string name, JsonNode? value)
    {
        if (Names.LabelKey(name) is { } wrong)
        {
            errors.Invalid(path, name, wrong);
        }
        else if (!name.Contains('/', StringComparison.Ordinal) && !QuotaResources.IsStandard(name))
        {
            errors.Invalid(path, name, "must be a standard resource for quota");
        }

        if (Quantity.Read(value) is { } amount)
        {
            if (amount.Nanos < 0)
            {
                errors.Invalid(path, value, "must be greater than or equal to 0");
            }
            else if (QuotaResources.IsWhole(name) && !amount.IsWhole)
            {
                errors.Invalid(path, value, "must be an integer");
            }
        }
    }

    private static void Scope(FieldErrors errors, string path, JsonNode? value, string scope, IEnumerable<string> names)
    {
        if (!QuotaScopes.All.Contains(scope))
        {
            errors.Invalid(path, value, "unsupported scope");
        }
        else if (names.Where(n => !QuotaResources.IsInScope(scope, n)).ToList() is { Count: > 0 } outside)
        {
            errors.Invalid(path, value, $"{WrongScope}: {scope} does not apply to {string.Join(", ", outside)}");
        }
    }

    private static void Conflicts(FieldErrors errors, string path, JsonNode? value, List<string> scopes)
    {
        foreach (var (one, other) in Opposites)
        {
            if (scopes.Contains(one) && scopes.Contains(other))
            {
                errors.Invalid(path, value, "conflicting scopes");
            }
        }
    }

    private static void Term(FieldErrors errors, string path, JsonObject term, IEnumerable<string> names)
    {
        var (scope, op, count) = ((string?)term["scopeName"] ?? "", (string?)term["operator"] ?? "", (term["values"] as JsonArray)?.Count ?? 0);
        Scope(errors, $"{path}.scopeName", term["scopeName"], scope, names);
        if (op is not ("In" or "NotIn" or "Exists" or "DoesNotExist"))
        {
            errors.Invalid($"{path}.operator", op, "not a valid selector operator");
        }
        else if (scope != QuotaScopes.PriorityClass && op != "Exists")
        {
            errors.Invalid($"{path}.operator", op, $"must be 'Exists' for the scope {scope}");
        }
        else if (op is "In" or "NotIn" && count == 0)
        {
            errors.Required($"{path}.values", "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
        }
        else if (op is "Exists" or "DoesNotExist" && count > 0)
        {
            errors.Invalid($"{path}.values", term["values"], "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector");
        }
    }
}
