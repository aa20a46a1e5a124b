using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Validation.MetadataValidation;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Validates the spec of a pod or of a pod template.</summary>
internal static class PodValidation
{
    /// <summary>Validates the spec of a template.</summary>
    public static void CheckTemplate(FieldErrors causes, string path, JsonObject? spec)
    {
        Check(causes, path, spec);
        if (spec?[EphemeralContainers.Member] is JsonArray { Count: > 0 })
        {
            causes.Forbidden($"{path}.{EphemeralContainers.Member}", "ephemeral containers not allowed in pod template");
        }
    }

    /// <summary>Validates the spec of a pod.</summary>
    public static void Check(FieldErrors causes, string path, JsonObject? spec)
    {
        if (spec?["containers"] is not JsonArray { Count: > 0 })
        {
            causes.Required($"{path}.containers", "a pod needs at least one container");
        }

        var volumes = Volumes(causes, path, spec);
        var names = new HashSet<string>();
        foreach (var list in (string[])["initContainers", "containers", EphemeralContainers.Member])
        {
            foreach (var (container, i) in Items(spec, list))
            {
                var name = container["name"]?.GetValue<string>();
                var at = At($"{path}.{list}", i, "name");
                causes.Named(at, name, Names.Label);
                if (name is { Length: > 0 } && !names.Add(name))
                {
                    causes.Duplicate(at, name);
                }

                ContainerValidation.Check(causes, $"{path}.{list}[{i}]", container, volumes, spec?["terminationGracePeriodSeconds"].AsInt64() ?? 30);
                ContainerValidation.CheckRole(causes, $"{path}.{list}[{i}]", container, isInit: list == "initContainers");
                ContainerResize.CheckPolicy(causes, $"{path}.{list}[{i}]", container, Text(spec, "restartPolicy"));
            }
        }

        EphemeralContainers.Check(causes, path, spec);
        causes.OneOf($"{path}.restartPolicy", Text(spec, "restartPolicy"), "Always", "OnFailure", "Never");
        causes.OneOf($"{path}.dnsPolicy", Text(spec, "dnsPolicy"), "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        DnsValidation.Check(causes, path, spec);
        PodSecurityValidation.Check(causes, path, spec);
        causes.NotNegative(path, spec, "terminationGracePeriodSeconds");
        if (spec?["activeDeadlineSeconds"].AsInt64() is < 1 or > int.MaxValue)
        {
            causes.Invalid($"{path}.activeDeadlineSeconds", spec["activeDeadlineSeconds"], "must be between 1 and 2147483647, inclusive");
        }

        foreach (var (field, rule) in ((string, Func<string, string?>)[])[("hostname", Names.Label), ("subdomain", Names.Label), ("serviceAccountName", Names.Subdomain), ("nodeName", Names.Subdomain)])
        {
            if (Text(spec, field) is { Length: > 0 } value && rule(value) is { } error)
            {
                causes.Invalid($"{path}.{field}", value, error);
            }
        }

        Map(causes, $"{path}.nodeSelector", spec?["nodeSelector"] as JsonObject);
        Tolerations(causes, $"{path}.tolerations", spec);
        Affinity(causes, $"{path}.affinity", spec?["affinity"] as JsonObject);
        TopologySpreadValidation.Check(causes, path, spec);
        SchedulingGates.Check(causes, path, spec ?? []);
        UnsupportedFields.Refuse(causes, path, spec);
    }

    private static HashSet<string> Volumes(FieldErrors causes, string path, JsonObject? spec)
    {
        var names = new HashSet<string>();
        foreach (var (volume, i) in Items(spec, "volumes"))
        {
            var name = Text(volume, "name");
            var at = At($"{path}.volumes", i, "name");
            causes.Named(at, name, Names.Label);
            if (name is { Length: > 0 } && !names.Add(name))
            {
                causes.Duplicate(at, name);
            }

            var sources = volume.Where(p => p.Key != "name").Select(p => p.Key).ToList();
            foreach (var second in sources.Skip(1))
            {
                causes.Forbidden($"{path}.volumes[{i}].{second}", "may not specify more than 1 volume type");
            }

            foreach (var (source, needed) in ((string, string)[])[("configMap", "name"), ("secret", "secretName"), ("hostPath", "path"), ("persistentVolumeClaim", "claimName"), ("nfs", "server"), ("nfs", "path")])
            {
                if (volume[source] is JsonObject o && Text(o, needed) is null or "")
                {
                    causes.Required($"{path}.volumes[{i}].{source}.{needed}");
                }
            }

            if (volume["ephemeral"] is JsonObject ephemeral && ephemeral["volumeClaimTemplate"]?["spec"] is not JsonObject)
            {
                causes.Required($"{path}.volumes[{i}].ephemeral.volumeClaimTemplate");
            }

            causes.NoBacksteps($"{path}.volumes[{i}].hostPath.path", Text(volume["hostPath"] as JsonObject, "path"));
            foreach (var files in (string[])["configMap", "secret"])
            {
                Files(causes, $"{path}.volumes[{i}].{files}.items", volume[files] as JsonObject);
            }

            foreach (var (source, n) in Items(volume["projected"] as JsonObject, "sources"))
            {
                foreach (var files in (string[])["configMap", "secret"])
                {
                    Files(causes, $"{path}.volumes[{i}].projected.sources[{n}].{files}.items", source[files] as JsonObject);
                }

                Token(causes, $"{path}.volumes[{i}].projected.sources[{n}].serviceAccountToken", source["serviceAccountToken"] as JsonObject);
            }
        }

        return names;
    }

    private static void Token(FieldErrors causes, string path, JsonObject? source)
    {
        if (source is null)
        {
            return;
        }

        if (source["expirationSeconds"].AsInt64() is { } seconds && seconds is < 600 or > 1L << 32)
        {
            causes.Invalid($"{path}.expirationSeconds", seconds, seconds < 600 ? "may not specify a duration less than 10 minutes" : "may not specify a duration larger than 2^32 seconds");
        }

        if (Text(source, "path") is not { Length: > 0 } file)
        {
            causes.Required($"{path}.path");
            return;
        }

        causes.Descending($"{path}.path", file);
    }

    // The <c>items</c> of a volume, which map keys to files.
    private static void Files(FieldErrors causes, string path, JsonObject? source)
    {
        foreach (var (item, i) in Items(source, "items"))
        {
            if (Text(item, "key") is null or "")
            {
                causes.Required(At(path, i, "key"));
            }

            if (Text(item, "path") is not { Length: > 0 } file)
            {
                causes.Required(At(path, i, "path"));
                continue;
            }

            causes.Descending(At(path, i, "path"), file);
            if (file.StartsWith("..", StringComparison.Ordinal) && !file.StartsWith("../", StringComparison.Ordinal) && file != "..")
            {
                causes.Invalid(At(path, i, "path"), file, "must not start with '..'");
            }
        }
    }

    private static void Tolerations(FieldErrors causes, string path, JsonObject? spec)
    {
        foreach (var (toleration, i) in Items(spec, "tolerations"))
        {
            var (key, op, effect) = (Text(toleration, "key") ?? "", Text(toleration, "operator") ?? "", Text(toleration, "effect") ?? "");
            if (key.Length > 0 && Names.LabelKey(key) is { } error)
            {
                causes.Invalid(At(path, i, "key"), key, error);
            }

            if (key.Length == 0 && op != "Exists")
            {
                causes.Invalid(At(path, i, "operator"), op, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }

            causes.OneOf(At(path, i, "operator"), op, "", "Equal", "Exists");
            if (op == "Exists" && Text(toleration, "value") is { Length: > 0 } value)
            {
                causes.Invalid(At(path, i, "operator"), value, "value must be empty when `operator` is 'Exists'");
            }

            causes.OneOf(At(path, i, "effect"), effect, "", "NoSchedule", "PreferNoSchedule", "NoExecute");
            if (toleration["tolerationSeconds"] is not null && effect != "NoExecute")
            {
                causes.Invalid(At(path, i, "effect"), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
            }
        }
    }

    private static void Affinity(FieldErrors causes, string path, JsonObject? affinity)
    {
        const string Must = "requiredDuringSchedulingIgnoredDuringExecution";
        const string Should = "preferredDuringSchedulingIgnoredDuringExecution";
        if (affinity?["nodeAffinity"] is JsonObject node)
        {
            var at = $"{path}.nodeAffinity.{Must}.nodeSelectorTerms";
            if (node[Must] is JsonObject required && required["nodeSelectorTerms"] is not JsonArray { Count: > 0 })
            {
                causes.Required(at, "must have at least one node selector term");
            }

            foreach (var (term, i) in Items(node[Must] as JsonObject, "nodeSelectorTerms"))
            {
                Expressions(causes, $"{at}[{i}].matchExpressions", term, "matchExpressions", isNode: true);
            }

            foreach (var (term, i) in Items(node, Should))
            {
                Weight(causes, $"{path}.nodeAffinity.{Should}[{i}]", term);
                Expressions(causes, $"{path}.nodeAffinity.{Should}[{i}].preference.matchExpressions", term["preference"] as JsonObject, "matchExpressions", isNode: true);
            }
        }

        foreach (var kind in (string[])["podAffinity", "podAntiAffinity"])
        {
            var pods = affinity?[kind] as JsonObject;
            foreach (var (term, i) in Items(pods, Must))
            {
                PodTerm(causes, $"{path}.{kind}.{Must}[{i}]", term);
            }

            foreach (var (term, i) in Items(pods, Should))
            {
                Weight(causes, $"{path}.{kind}.{Should}[{i}]", term);
                PodTerm(causes, $"{path}.{kind}.{Should}[{i}].podAffinityTerm", term["podAffinityTerm"] as JsonObject ?? []);
            }
        }
    }

    private static void PodTerm(FieldErrors causes, string path, JsonObject term)
    {
        causes.Named($"{path}.topologyKey", Text(term, "topologyKey"), Names.LabelKey);
        Selector(causes, $"{path}.labelSelector", term["labelSelector"] as JsonObject);
        Selector(causes, $"{path}.namespaceSelector", term["namespaceSelector"] as JsonObject);
        foreach (var (ns, i) in (term["namespaces"] as JsonArray ?? []).Select((n, i) => ((string?)n ?? "", i)))
        {
            causes.Named($"{path}.namespaces[{i}]", ns, Names.Label);
        }

        var (same, different) = (term["matchLabelKeys"] as JsonArray, term["mismatchLabelKeys"] as JsonArray);
        TopologySpreadValidation.OwnLabels(causes, $"{path}.matchLabelKeys", same, term["labelSelector"] as JsonObject);
        TopologySpreadValidation.OwnLabels(causes, $"{path}.mismatchLabelKeys", different, term["labelSelector"] as JsonObject);
        foreach (var (key, i) in (same ?? []).Select((k, i) => ((string?)k, i)).Where(k => (different ?? []).Any(d => (string?)d == k.Item1)))
        {
            causes.Invalid($"{path}.matchLabelKeys[{i}]", key, "exists in both matchLabelKeys and mismatchLabelKeys");
        }
    }

    private static void Weight(FieldErrors causes, string path, JsonObject term)
    {
        if (term["weight"].AsInt64() is not (>= 1 and <= 100))
        {
            causes.Invalid($"{path}.weight", term["weight"] ?? 0, "must be in the range 1-100");
        }
    }

    private static string? Text(JsonObject? o, string name) => o?[name]?.GetValue<string>();
}
