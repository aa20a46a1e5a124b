using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Validation.MetadataValidation;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>Rules of the spec of an Ingress, with the fields and sentences of Kubernetes.</summary>
internal static class IngressValidation
{
    private static readonly string[] Inside = ["//", "/./", "/../", "%2f", "%2F"];
    private static readonly string[] AtEnd = ["/..", "/."];

    /// <summary>Checks a spec.</summary>
    public static void Validate(JsonObject spec, FieldErrors errors)
    {
        var rules = Items(spec, "rules").ToList();
        if (rules.Count == 0 && spec["defaultBackend"] is null)
        {
            errors.Invalid("spec", "", "either `defaultBackend` or `rules` must be specified");
        }

        if (spec["defaultBackend"] is JsonObject usual)
        {
            Backend("spec.defaultBackend", usual, errors);
        }

        foreach (var (rule, i) in rules)
        {
            Rule($"spec.rules[{i}]", rule, errors);
        }

        foreach (var (tls, i) in Items(spec, "tls"))
        {
            Tls($"spec.tls[{i}]", tls, errors);
        }

        if ((string?)spec["ingressClassName"] is { } name && Names.Subdomain(name) is { } wrong)
        {
            errors.Invalid("spec.ingressClassName", name, wrong);
        }
    }

    private static void Rule(string at, JsonObject rule, FieldErrors errors)
    {
        if ((string?)rule["host"] is { Length: > 0 } host)
        {
            if (IPAddress.TryParse(host, out _))
            {
                errors.Invalid($"{at}.host", host, "must be a DNS name, not an IP address");
            }

            Host($"{at}.host", host, errors);
        }

        if (rule["http"] is not JsonObject http)
        {
            return;
        }

        var paths = Items(http, "paths").ToList();
        if (paths.Count == 0)
        {
            errors.Required($"{at}.http.paths");
        }

        foreach (var (path, n) in paths)
        {
            Path($"{at}.http.paths[{n}]", path, errors);
        }
    }

    private static void Host(string at, string host, FieldErrors errors)
    {
        if ((host.Contains('*', StringComparison.Ordinal) ? Names.Wildcard(host) : Names.Subdomain(host)) is { } wrong)
        {
            errors.Invalid(at, host, wrong);
        }
    }

    private static void Path(string at, JsonObject path, FieldErrors errors)
    {
        var (type, text) = ((string?)path["pathType"], (string?)path["path"] ?? "");
        if (type is null)
        {
            errors.Required($"{at}.pathType", "pathType must be specified");
            return;
        }

        errors.OneOf($"{at}.pathType", type, "Exact", "ImplementationSpecific", "Prefix");
        var isStrict = type is "Exact" or "Prefix";
        if ((isStrict || text.Length > 0) && !text.StartsWith('/'))
        {
            errors.Invalid($"{at}.path", text, "must be an absolute path");
        }

        foreach (var part in isStrict ? Inside.Where(p => text.Contains(p, StringComparison.Ordinal)) : [])
        {
            errors.Invalid($"{at}.path", text, $"must not contain '{part}'");
        }

        foreach (var end in isStrict ? AtEnd.Where(e => text.EndsWith(e, StringComparison.Ordinal)) : [])
        {
            errors.Invalid($"{at}.path", text, $"cannot end with '{end}'");
        }

        Backend($"{at}.backend", path["backend"] as JsonObject ?? [], errors);
    }

    private static void Backend(string at, JsonObject backend, FieldErrors errors)
    {
        switch (backend["service"], backend["resource"])
        {
            case (JsonObject, JsonObject):
                errors.Invalid(at, "", "cannot set both resource and service backends");
                break;
            case (_, JsonObject resource):
                Resource($"{at}.resource", resource, errors);
                break;
            case (JsonObject service, _):
                Service(at, service, errors);
                break;
            default:
                errors.Invalid(at, "", "resource or service backend is required");
                break;
        }
    }

    private static void Resource(string at, JsonObject resource, FieldErrors errors)
    {
        if ((string?)resource["apiGroup"] is { } group && Names.Subdomain(group) is { } wrong)
        {
            errors.Invalid($"{at}.apiGroup", group, wrong);
        }

        errors.Named($"{at}.kind", (string?)resource["kind"], Names.PathSegment);
        errors.Named($"{at}.name", (string?)resource["name"], Names.PathSegment);
    }

    private static void Service(string at, JsonObject service, FieldErrors errors)
    {
        errors.Named($"{at}.service.name", (string?)service["name"], Names.ServiceName);
        var (name, number) = ((string?)service["port"]?["name"] ?? "", service["port"]?["number"].AsInt64() ?? 0);
        if (name.Length > 0 && number != 0)
        {
            errors.Invalid(at, "", "cannot set both port name & port number");
        }
        else if (name.Length == 0 && number == 0)
        {
            errors.Required(at, "port name or number is required");
        }
        else
        {
            errors.Port(name.Length > 0 ? $"{at}.service.port.name" : $"{at}.service.port.number", name.Length > 0 ? name : number, mayBeName: true);
        }
    }

    private static void Tls(string at, JsonObject tls, FieldErrors errors)
    {
        foreach (var (host, n) in (tls["hosts"] as JsonArray ?? []).Select((h, n) => ((string?)h ?? "", n)))
        {
            Host($"{at}.hosts[{n}]", host, errors);
        }

        if ((string?)tls["secretName"] is { Length: > 0 } secret && Names.Subdomain(secret) is { } wrong)
        {
            errors.Invalid($"{at}.secretName", secret, wrong);
        }
    }
}
