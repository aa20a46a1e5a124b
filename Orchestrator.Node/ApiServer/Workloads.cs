using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.ApiServer;

/// <summary>Defaults and checks of the kinds that carry pods.</summary>
internal static class Workloads
{
    public static void Default(KindInfo kind, JsonObject o)
    {
        if (kind == Kinds.Pod && o["spec"] is JsonObject pod)
        {
            DefaultPod(pod);
        }

        if (kind.Group == "apps" && o["spec"] is JsonObject spec)
        {
            Set(spec, "replicas", 1);
            if (spec["template"]?["spec"] is JsonObject template)
            {
                DefaultPod(template);
            }

            if (kind == Kinds.Deployment)
            {
                Set(spec, "revisionHistoryLimit", 10);
                Set(spec, "progressDeadlineSeconds", 600);
                var strategy = spec["strategy"] as JsonObject ?? [];
                spec["strategy"] = strategy;
                Set(strategy, "type", "RollingUpdate");
                if (strategy["type"]!.GetValue<string>() == "RollingUpdate")
                {
                    var rolling = strategy["rollingUpdate"] as JsonObject ?? [];
                    strategy["rollingUpdate"] = rolling;
                    Set(rolling, "maxSurge", "25%");
                    Set(rolling, "maxUnavailable", "25%");
                }
            }
        }
    }

    public static IEnumerable<ApiCause> Validate(KindInfo kind, JsonObject o)
    {
        if (kind == Kinds.Pod)
        {
            return ValidatePod(o["spec"] as JsonObject, "spec");
        }

        return kind.Group == "apps" ? ValidateController(o["spec"] as JsonObject) : [];
    }

    private static void DefaultPod(JsonObject spec)
    {
        Set(spec, "restartPolicy", "Always");
        Set(spec, "dnsPolicy", "ClusterFirst");
        Set(spec, "schedulerName", "default-scheduler");
        Set(spec, "terminationGracePeriodSeconds", 30);
        if (spec["securityContext"] is null)
        {
            spec["securityContext"] = new JsonObject();
        }

        foreach (var container in (spec["containers"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var image = container["image"]?.GetValue<string>() ?? "";
            var isLatest = image.EndsWith(":latest", StringComparison.Ordinal) || !image.Contains(':', StringComparison.Ordinal);
            Set(container, "imagePullPolicy", isLatest ? "Always" : "IfNotPresent");
            Set(container, "terminationMessagePath", "/dev/termination-log");
            Set(container, "terminationMessagePolicy", "File");
            if (container["resources"] is null)
            {
                container["resources"] = new JsonObject();
            }

            foreach (var port in (container["ports"] as JsonArray ?? []).OfType<JsonObject>())
            {
                Set(port, "protocol", "TCP");
            }
        }
    }

    private static IEnumerable<ApiCause> ValidateController(JsonObject? spec)
    {
        var labels = spec?["template"]?["metadata"]?["labels"] as JsonObject;
        if (spec?["selector"] is not JsonObject { Count: > 0 } selector)
        {
            yield return new("spec.selector", "FieldValueRequired", "Required value: name the pods by matchLabels or matchExpressions");
        }
        else if ((selector["matchLabels"] as JsonObject ?? []).Any(p => !JsonNode.DeepEquals(labels?[p.Key], p.Value)))
        {
            yield return new("spec.template.metadata.labels", "FieldValueInvalid",
                $"Invalid value: {labels?.ToJsonString() ?? "{}"}: `selector` does not match template `labels`");
        }

        if (spec?["replicas"].AsInt64() < 0)
        {
            yield return new("spec.replicas", "FieldValueInvalid", $"Invalid value: {spec["replicas"]}: must be greater than or equal to 0");
        }

        foreach (var cause in ValidatePod(spec?["template"]?["spec"] as JsonObject, "spec.template.spec"))
        {
            yield return cause;
        }
    }

    private static IEnumerable<ApiCause> ValidatePod(JsonObject? spec, string path)
    {
        if (spec?["containers"] is not JsonArray { Count: > 0 } containers)
        {
            yield return new($"{path}.containers", "FieldValueRequired", "Required value: a pod needs at least one container");
            yield break;
        }

        var names = new HashSet<string>();
        foreach (var (container, i) in containers.OfType<JsonObject>().Select((c, i) => (c, i)))
        {
            var name = container["name"]?.GetValue<string>() ?? "";
            if (name.Length == 0)
            {
                yield return new($"{path}.containers[{i}].name", "FieldValueRequired", "Required value");
            }
            else if (!names.Add(name))
            {
                yield return new($"{path}.containers[{i}].name", "FieldValueDuplicate", $"Duplicate value: \"{name}\"");
            }

            if (container["image"]?.GetValue<string>() is null or "")
            {
                yield return new($"{path}.containers[{i}].image", "FieldValueRequired", "Required value");
            }
        }
    }

    private static void Set(JsonObject o, string name, JsonNode value)
    {
        if (o[name] is null)
        {
            o[name] = value;
        }
    }
}
