using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>Rules of Ingresses (Kubernetes, "Ingress").</summary>
internal sealed class IngressStrategy : ResourceStrategy
{
    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var spec = o["spec"] as JsonObject;
        var rules = MetadataValidation.Items(spec, "rules").ToList();
        if (rules.Count == 0 && spec?["defaultBackend"] is null)
        {
            errors.Invalid("spec", "", "either `defaultBackend` or `rules` must be specified");
        }

        foreach (var (rule, i) in rules)
        {
            foreach (var (path, n) in MetadataValidation.Items(rule["http"] as JsonObject, "paths"))
            {
                var at = $"spec.rules[{i}].http.paths[{n}]";
                if (path["pathType"] is null)
                {
                    errors.Required($"{at}.pathType", "pathType must be specified");
                }

                errors.OneOf($"{at}.pathType", (string?)path["pathType"], "Exact", "ImplementationSpecific", "Prefix");
                if ((string?)path["path"] is { Length: > 0 } text && !text.StartsWith('/'))
                {
                    errors.Invalid($"{at}.path", text, "must be an absolute path");
                }
            }
        }
    }
}
