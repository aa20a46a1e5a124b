using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.RuntimeClasses;

/// <summary>What the runtime class of a new pod adds to it: overhead, and the nodes that have its runtime (admission plugin RuntimeClass). Pure.</summary>
internal static class RuntimeClassAdmission
{
    /// <summary>Completes the spec of a pod.</summary>
    /// <returns>Why the pod is refused; null if it is not.</returns>
    public static string? Admit(JsonObject spec, IAdmissionView view)
    {
        if ((string?)spec["runtimeClassName"] is not { Length: > 0 } name)
        {
            return spec["overhead"] is JsonObject { Count: > 0 } ? "pod rejected: Pod overhead set without corresponding RuntimeClass defined Overhead" : null;
        }

        if (view.Find(RuntimeClassDefinition.Instance.Key(null, name)) is not { } found)
        {
            return $"pod rejected: RuntimeClass \"{name}\" not found";
        }

        var node = found.ToNode();
        if (node["overhead"]?["podFixed"] is { } overhead)
        {
            if (spec["overhead"] is JsonObject { Count: > 0 } given && !JsonNode.DeepEquals(given, overhead))
            {
                return "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
            }

            spec["overhead"] = overhead.DeepClone();
        }

        return Schedule(spec, name, node["scheduling"] as JsonObject);
    }

    private static string? Schedule(JsonObject spec, string name, JsonObject? scheduling)
    {
        foreach (var (key, value) in scheduling?["nodeSelector"] as JsonObject ?? [])
        {
            var selector = Child(spec, "nodeSelector");
            if (selector[key] is { } other && (string?)other != (string?)value)
            {
                return $"conflict: RuntimeClass \"{name}\" selects nodes with {key}={value}, and the pod those with {key}={other}";
            }

            selector[key] = value!.DeepClone();
        }

        foreach (var toleration in scheduling?["tolerations"] as JsonArray ?? [])
        {
            if (spec["tolerations"] is not JsonArray tolerations)
            {
                spec["tolerations"] = tolerations = [];
            }

            if (!tolerations.Any(t => JsonNode.DeepEquals(t, toleration)))
            {
                tolerations.Add(toleration!.DeepClone());
            }
        }

        return null;
    }
}
