using System.Text.Json.Nodes;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>Converts HorizontalPodAutoscalers between v2, in which they are stored, and v1. Data without a field in v1 is kept in annotations, so nothing is
/// lost (Kubernetes, "Horizontal Pod Autoscaling", API objects). Pure.</summary>
internal static class AutoscalerConversion
{
    private const int MaxDepth = 30;
    private const string Prefix = "autoscaling.alpha.kubernetes.io/";
    private const string Target = "targetCPUUtilizationPercentage";
    private const string Current = "currentCPUUtilizationPercentage";

    /// <summary>Converts from v2.</summary>
    public static JsonObject ToV1(JsonObject o)
    {
        if (o["spec"] is JsonObject spec)
        {
            Move(o, spec, "behavior", "behavior");
            if (spec.Remove("metrics", out var metrics) && metrics is JsonArray { Count: > 0 } all)
            {
                var cpu = all.FirstOrDefault(m => Share(m, "target") is not null);
                if (cpu is not null)
                {
                    spec[Target] = Share(cpu, "target")!.DeepClone();
                    all.Remove(cpu);
                }

                Annotate(o, "metrics", all);
            }
        }

        if (o["status"] is JsonObject status)
        {
            Move(o, status, "conditions", "conditions");
            if (status.Remove("currentMetrics", out var metrics) && metrics is JsonArray { Count: > 0 } all)
            {
                var cpu = all.FirstOrDefault(m => Share(m, "current") is not null);
                if (cpu is not null)
                {
                    status[Current] = Share(cpu, "current")!.DeepClone();
                }

                Annotate(o, "current-metrics", all);
            }
        }

        return o;
    }

    /// <summary>Converts to v2.</summary>
    public static JsonObject FromV1(JsonObject o)
    {
        var (behavior, metrics, conditions, current) = (Taken(o, "behavior"), Taken(o, "metrics"), Taken(o, "conditions"), Taken(o, "current-metrics"));
        if (o["spec"] is JsonObject spec)
        {
            var all = metrics as JsonArray ?? [];
            if (spec.Remove(Target, out var share) && share is not null)
            {
                all.Insert(0, Cpu("target", new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = share.DeepClone() }));
            }

            Put(spec, "metrics", all.Count > 0 ? all : null);
            Put(spec, "behavior", behavior);
        }

        if (o["status"] is JsonObject status)
        {
            var all = current as JsonArray ?? [];
            if (status.Remove(Current, out var used) && used is not null && !all.Any(IsCpu))
            {
                all.Insert(0, Cpu("current", new JsonObject { ["averageUtilization"] = used.DeepClone() }));
            }

            Put(status, "currentMetrics", all.Count > 0 ? all : null);
            Put(status, "conditions", conditions);
        }

        return o;
    }

    private static bool IsCpu(JsonNode? metric) => metric is JsonObject o && o["resource"] is JsonObject resource && Is(o["type"], "Resource") && Is(resource["name"], "cpu");

    private static bool Is(JsonNode? node, string text) => node is JsonValue value && value.TryGetValue<string>(out var said) && said == text;

    // The target utilization of a CPU metric; null for other metrics.
    private static JsonNode? Share(JsonNode? metric, string member) => IsCpu(metric) ? (metric!["resource"]![member] as JsonObject)?["averageUtilization"] : null;

    private static JsonObject Cpu(string member, JsonObject value) => new() { ["type"] = "Resource", ["resource"] = new JsonObject { ["name"] = "cpu", [member] = value } };

    private static void Move(JsonObject o, JsonObject part, string member, string annotation)
    {
        if (part.Remove(member, out var value))
        {
            Annotate(o, annotation, value);
        }
    }

    private static void Annotate(JsonObject o, string name, JsonNode? value)
    {
        if (value is JsonObject or JsonArray { Count: > 0 })
        {
            Child(Child(o, "metadata"), "annotations")[Prefix + name] = value.ToJsonString();
        }
    }

    // Annotations come from the client: one that cannot be parsed is kept as it is, and the parsed content is validated like any v2 object.
    private static JsonNode? Taken(JsonObject o, string name)
    {
        if (o["metadata"]?["annotations"] is not JsonObject annotations || annotations[Prefix + name] is not JsonValue said || !said.TryGetValue<string>(out var text))
        {
            return null;
        }

        try
        {
            var value = JsonNode.Parse(text, null, new System.Text.Json.JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            annotations.Remove(Prefix + name);
            if (annotations.Count == 0)
            {
                ((JsonObject)o["metadata"]!).Remove("annotations");
            }

            return value;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static void Put(JsonObject o, string name, JsonNode? value)
    {
        if (value is not null)
        {
            o[name] = value;
        }
    }
}
