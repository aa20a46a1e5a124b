using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using static Orchestrator.Node.ApiServer.Validation.MetadataRules;

namespace Orchestrator.Node.ApiServer.Validation;

/// <summary>What an object of each kind must fulfil; its types and field names have been checked before.</summary>
internal static class ObjectRules
{
    private const int MaxData = 1024 * 1024;

    public static IReadOnlyList<ApiCause> Check(KindInfo kind, JsonObject o, bool mayGenerateName)
    {
        var causes = new Causes();
        Check(causes, kind, (JsonObject)o["metadata"]!, mayGenerateName);
        var spec = o["spec"] as JsonObject;
        switch (kind.Kind)
        {
            case "Pod":
                PodRules.Check(causes, "spec", spec);
                break;
            case "Deployment" or "ReplicaSet":
                Controller(causes, kind, spec);
                break;
            case "ConfigMap" or "Secret":
                Data(causes, o);
                break;
            case "Service":
                Service(causes, spec);
                break;
            default:
                break;
        }

        return causes.All;
    }

    private static void Check(Causes causes, KindInfo kind, JsonObject meta, bool mayGenerateName) =>
        MetadataRules.Check(causes, kind, meta, mayGenerateName);

    private static void Controller(Causes causes, KindInfo kind, JsonObject? spec)
    {
        causes.NotNegative("spec", spec, "replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds");
        var labels = spec?["template"]?["metadata"]?["labels"] as JsonObject ?? [];
        var selector = spec?["selector"] as JsonObject;
        Selector(causes, "spec.selector", selector);
        if (selector is null)
        {
            causes.Required("spec.selector");
        }
        else if (selector.All(p => p.Value is JsonObject { Count: 0 } or JsonArray { Count: 0 }))
        {
            causes.Invalid("spec.selector", selector, $"empty selector is invalid for {kind.Singular}");
        }
        else if (!Selects(selector, labels))
        {
            causes.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
        }

        Labels(causes, "spec.template.metadata", spec?["template"]?["metadata"] as JsonObject);
        PodRules.Check(causes, "spec.template.spec", spec?["template"]?["spec"] as JsonObject);
        var template = spec?["template"]?["spec"] as JsonObject;
        if (template?["restartPolicy"]?.GetValue<string>() is "OnFailure" or "Never")
        {
            causes.OneOf("spec.template.spec.restartPolicy", template["restartPolicy"]!.GetValue<string>(), "Always");
        }

        if (template?["activeDeadlineSeconds"] is not null)
        {
            causes.Forbidden("spec.template.spec.activeDeadlineSeconds", $"activeDeadlineSeconds in {kind.Kind} is not Supported");
        }

        if (kind == Kinds.Deployment)
        {
            Strategy(causes, spec);
        }
    }

    private static void Strategy(Causes causes, JsonObject? spec)
    {
        if ((spec?["progressDeadlineSeconds"].AsInt64() ?? 600) <= (spec?["minReadySeconds"].AsInt64() ?? 0))
        {
            causes.Invalid("spec.progressDeadlineSeconds", spec?["progressDeadlineSeconds"] ?? 600, "must be greater than minReadySeconds");
        }

        var type = spec?["strategy"]?["type"]?.GetValue<string>();
        causes.OneOf("spec.strategy.type", type, "Recreate", "RollingUpdate");
        if (spec?["strategy"]?["rollingUpdate"] is not JsonObject rolling)
        {
            return;
        }

        if (type == "Recreate")
        {
            causes.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
            return;
        }

        var (surge, unavailable) = (Share(causes, rolling, "maxSurge"), Share(causes, rolling, "maxUnavailable"));
        if (surge == 0 && unavailable == 0)
        {
            causes.Invalid("spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
        }

        if (unavailable > 100 && rolling["maxUnavailable"].AsInt64() is null)
        {
            causes.Invalid("spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"], "must not be greater than 100%");
        }
    }

    private static long? Share(Causes causes, JsonObject rolling, string name)
    {
        var (value, path) = (rolling[name], $"spec.strategy.rollingUpdate.{name}");
        if (value is null)
        {
            return null;
        }

        if (value.AsInt64() is { } number)
        {
            causes.NotNegative("spec.strategy.rollingUpdate", rolling, name);
            return number;
        }

        var text = value.GetValue<string>();
        if (text.EndsWith('%') && int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent))
        {
            return percent;
        }

        causes.Invalid(path, value, "a valid percent string must be a numeric string followed by an ending '%'");
        return null;
    }

    private static bool Selects(JsonObject selector, JsonObject labels) =>
        (selector["matchLabels"] as JsonObject ?? []).All(p => Value(labels, p.Key) == p.Value!.GetValue<string>())
        && Items(selector, "matchExpressions").All(e =>
        {
            var value = Value(labels, e.Item["key"]?.GetValue<string>() ?? "");
            var isListed = (e.Item["values"] as JsonArray ?? []).Any(v => v!.GetValue<string>() == value);
            return e.Item["operator"]?.GetValue<string>() switch
            {
                "In" => value is not null && isListed,
                "NotIn" => !isListed,
                "Exists" => value is not null,
                "DoesNotExist" => value is null,
                _ => true,
            };
        });

    private static string? Value(JsonObject labels, string key) => labels[key]?.GetValue<string>();

    private static void Data(Causes causes, JsonObject o)
    {
        var size = 0;
        foreach (var map in (string[])["data", "binaryData", "stringData"])
        {
            foreach (var (key, value) in o[map] as JsonObject ?? [])
            {
                size += Encoding.UTF8.GetByteCount(value!.GetValue<string>());
                if (Names.DataKey(key) is { } error)
                {
                    causes.Invalid($"{map}[{key}]", key, error);
                }

                if (map == "binaryData" && o["data"]?[key] is not null)
                {
                    causes.Invalid($"data[{key}]", key, "duplicate of key present in binaryData");
                }
            }
        }

        if (size > MaxData * 4 / 3)
        {
            causes.TooLong("data", MaxData);
        }
    }

    private static void Service(Causes causes, JsonObject? spec)
    {
        var type = spec?["type"]?.GetValue<string>();
        causes.OneOf("spec.type", type, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        causes.OneOf("spec.sessionAffinity", spec?["sessionAffinity"]?.GetValue<string>(), "ClientIP", "None");
        Map(causes, "spec.selector", spec?["selector"] as JsonObject);
        var ports = Items(spec, "ports").ToList();
        if (ports.Count == 0 && type != "ExternalName" && spec?["clusterIP"]?.GetValue<string>() != "None")
        {
            causes.Required("spec.ports");
        }

        var names = new HashSet<string>();
        foreach (var (port, i) in ports)
        {
            causes.Port(At("spec.ports", i, "port"), port["port"]);
            if (port["targetPort"] is { } target)
            {
                causes.Port(At("spec.ports", i, "targetPort"), target, mayBeName: true);
            }

            causes.OneOf(At("spec.ports", i, "protocol"), port["protocol"]?.GetValue<string>(), "SCTP", "TCP", "UDP");
            var name = port["name"]?.GetValue<string>() ?? "";
            if (ports.Count > 1 || name.Length > 0)
            {
                causes.Named(At("spec.ports", i, "name"), name, Names.Label);
                if (name.Length > 0 && !names.Add(name))
                {
                    causes.Duplicate(At("spec.ports", i, "name"), name);
                }
            }
        }
    }
}
