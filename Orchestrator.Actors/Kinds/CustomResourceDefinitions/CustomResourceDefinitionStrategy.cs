using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.CustomResourceDefinitions;

/// <summary>Rules of CustomResourceDefinitions (Kubernetes, "Extend the Kubernetes API with CustomResourceDefinitions").</summary>
internal sealed class CustomResourceDefinitionStrategy : ResourceStrategy
{
    /// <summary>Keeps a definition until its objects are deleted.</summary>
    public const string Cleanup = "customresourcecleanup.apiextensions.k8s.io";

    private const string Approval = "api-approved.kubernetes.io";

    public override void Default(JsonObject o)
    {
        var spec = Child(o, "spec");
        if (spec["names"] is JsonObject names && (string?)names["kind"] is { } kind)
        {
            Set(names, "singular", kind.ToLowerInvariant());
            Set(names, "listKind", $"{kind}List");
        }

        Set(Child(spec, "conversion"), "strategy", "None");
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var spec = (JsonObject)o["spec"]!;
        CheckNames(o, spec, errors);
        if ((string?)spec["scope"] is not { } scope)
        {
            errors.Required("spec.scope");
        }
        else
        {
            errors.OneOf("spec.scope", scope, "Cluster", "Namespaced");
        }

        CheckVersions(spec, errors);
        errors.OneOf("spec.conversion.strategy", (string?)spec["conversion"]?["strategy"], "None", "Webhook");
        if ((string?)spec["conversion"]?["strategy"] == "Webhook")
        {
            errors.Forbidden("spec.conversion.strategy", "conversion by webhook is not supported yet; use \"None\"");
        }

        if (spec["preserveUnknownFields"]?.GetValueKind() == JsonValueKind.True)
        {
            errors.Invalid("spec.preserveUnknownFields", true, "must be false; use x-kubernetes-preserve-unknown-fields in the schema");
        }
    }

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors)
    {
        foreach (var field in (string[])["group", "scope"])
        {
            errors.Immutable($"spec.{field}", o["spec"]?[field]?.DeepClone(), old["spec"]?[field]);
        }

        errors.Immutable("spec.names.kind", o["spec"]?["names"]?["kind"]?.DeepClone(), old["spec"]?["names"]?["kind"]);
        errors.Immutable("spec.names.plural", o["spec"]?["names"]?["plural"]?.DeepClone(), old["spec"]?["names"]?["plural"]);
        var versions = Items((JsonObject)o["spec"]!, "versions").Select(v => (string?)v["name"]).ToHashSet();
        foreach (var (stored, i) in (old["status"]?["storedVersions"] as JsonArray ?? []).Select((v, i) => ((string?)v, i)).Where(v => !versions.Contains(v.Item1)))
        {
            errors.Invalid($"status.storedVersions[{i}]", stored, "must appear in spec.versions, because objects may be stored in it");
        }
    }

    public override IEnumerable<string> Warnings(JsonObject o)
    {
        foreach (var (version, i) in Items(Child(o, "spec"), "versions").Select((v, i) => (v, i)))
        {
            if (version["schema"] is JsonObject schema && Mentions(schema, "x-kubernetes-validations"))
            {
                yield return $"spec.versions[{i}].schema: x-kubernetes-validations are not evaluated yet";
            }
        }
    }

    public override void PrepareForCreate(JsonObject o)
    {
        base.PrepareForCreate(o);
        var meta = Child(o, "metadata");
        var finalizers = meta["finalizers"] as JsonArray ?? [];
        if (!finalizers.Any(f => (string?)f == Cleanup))
        {
            meta["finalizers"] = new JsonArray([.. finalizers.Select(f => f?.DeepClone()), Cleanup]);
        }
    }

    private static void CheckNames(JsonObject o, JsonObject spec, FieldErrors errors)
    {
        var (group, names) = ((string?)spec["group"], spec["names"] as JsonObject ?? []);
        errors.Named("spec.group", group, Names.Subdomain);
        if (group is { Length: > 0 } && !group.Contains('.', StringComparison.Ordinal))
        {
            errors.Invalid("spec.group", group, "should be a domain with at least one dot");
        }

        if ((group?.EndsWith(".k8s.io", StringComparison.Ordinal) == true || group?.EndsWith(".kubernetes.io", StringComparison.Ordinal) == true)
            && (string?)o["metadata"]?["annotations"]?[Approval] is not { Length: > 0 })
        {
            errors.Required($"metadata.annotations[{Approval}]", "groups of Kubernetes need the annotation");
        }

        errors.Named("spec.names.plural", (string?)names["plural"], Names.ServiceName);
        errors.Named("spec.names.singular", (string?)names["singular"], Names.ServiceName);
        errors.Named("spec.names.kind", (string?)names["kind"], KindName);
        errors.Named("spec.names.listKind", (string?)names["listKind"], KindName);
        foreach (var list in (string[])["shortNames", "categories"])
        {
            foreach (var (name, i) in (names[list] as JsonArray ?? []).Select((n, i) => ((string?)n, i)))
            {
                errors.Named($"spec.names.{list}[{i}]", name, Names.ServiceName);
            }
        }

        if ((string?)o["metadata"]?["name"] is { } own && own != $"{(string?)names["plural"]}.{group}")
        {
            errors.Invalid("metadata.name", own, "must be spec.names.plural+\".\"+spec.group");
        }
    }

    private static string? KindName(string text) => text.All(char.IsAscii) ? Names.ServiceName(text.ToLowerInvariant()) : "may have only letters of ASCII";

    private static void CheckColumns(JsonObject version, string path, FieldErrors errors)
    {
        foreach (var list in (string[])["additionalPrinterColumns", "selectableFields"])
        {
            foreach (var (column, i) in Items(version, list).Select((c, i) => (c, i)))
            {
                if ((string?)column["jsonPath"] is not { Length: > 0 } jsonPath)
                {
                    errors.Required($"{path}.{list}[{i}].jsonPath");
                }
                else if (!FieldPath.IsValid(jsonPath))
                {
                    errors.Invalid($"{path}.{list}[{i}].jsonPath", jsonPath, "must be a JSONPath of at most 64 steps, such as .spec.replicas");
                }
            }
        }
    }

    // Paths of fields alone, in the part of the object that they are about.
    private static void CheckScale(JsonObject version, string path, FieldErrors errors)
    {
        if (version["subresources"]?["scale"] is not JsonObject scale)
        {
            return;
        }

        foreach (var (field, isNeeded, parts) in ((string, bool, string[])[])[("specReplicasPath", true, [".spec"]), ("statusReplicasPath", true, [".status"]), ("labelSelectorPath", false, [".spec", ".status"])])
        {
            var (at, text) = ($"{path}.subresources.scale.{field}", (string?)scale[field] ?? "");
            if (text.Length == 0 && isNeeded)
            {
                errors.Required(at);
            }
            else if (text.Length > 0 && (!FieldPath.IsValid(text) || text.Contains('[', StringComparison.Ordinal)))
            {
                errors.Invalid(at, text, "must be a path of fields, such as .spec.replicas, without arrays");
            }
            else if (text.Length > 0 && !parts.Any(p => text.StartsWith(p + ".", StringComparison.Ordinal)))
            {
                errors.Invalid(at, text, $"should be a JSON path under {string.Join(" or ", parts)}");
            }
        }
    }

    private static void CheckVersions(JsonObject spec, FieldErrors errors)
    {
        var versions = Items(spec, "versions").ToList();
        if (versions.Count == 0)
        {
            errors.Required("spec.versions", "must have at least one version");
            return;
        }

        if (versions.Count(v => v["storage"]?.GetValueKind() == JsonValueKind.True) != 1)
        {
            errors.Invalid("spec.versions", new JsonArray([.. versions.Select(v => v["name"]?.DeepClone())]), "must have exactly one version marked as storage version");
        }

        var seen = new HashSet<string?>();
        for (var i = 0; i < versions.Count; i++)
        {
            var (path, name) = ($"spec.versions[{i}]", (string?)versions[i]["name"]);
            errors.Named($"{path}.name", name, Names.ServiceName);
            if (!seen.Add(name))
            {
                errors.Duplicate($"{path}.name", name);
            }

            if (versions[i]["schema"]?["openAPIV3Schema"] is JsonObject schema)
            {
                StructuralSchema.Check(schema, $"{path}.schema.openAPIV3Schema", errors);
            }
            else
            {
                errors.Required($"{path}.schema.openAPIV3Schema", "schemas are required");
            }

            CheckColumns(versions[i], path, errors);
            CheckScale(versions[i], path, errors);
        }
    }

    private static bool Mentions(JsonNode? node, string name) => node switch
    {
        JsonObject o => o.ContainsKey(name) || o.Any(p => Mentions(p.Value, name)),
        JsonArray a => a.Any(i => Mentions(i, name)),
        _ => false,
    };
}
