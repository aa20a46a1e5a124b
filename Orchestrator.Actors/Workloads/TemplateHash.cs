using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Orchestrator.Actors.Workloads;

/// <summary>Computes the hash that names a revision of a pod template (the replica set of a deployment, a ControllerRevision), and compares templates.</summary>
internal static class TemplateHash
{
    public const string Label = "pod-template-hash";

    private const string SafeLetters = "bcdfghjklmnpqrstvwxz2456789";

    // Fields where an empty object equals an absent one. Elsewhere it does not ("emptyDir": {}).
    private static readonly HashSet<string> Omittable = new(StringComparer.Ordinal)
    {
        "metadata", "labels", "annotations", "nodeSelector", "resources", "limits", "requests", "matchLabels", "overhead",
    };

    public static string Of(V1PodTemplateSpec template, int? collisionCount)
    {
        var hash = 2166136261u;
        foreach (var octet in Encoding.UTF8.GetBytes(Canonical(template) + (collisionCount is { } n ? "#" + n.ToString(CultureInfo.InvariantCulture) : "")))
        {
            hash = unchecked((hash ^ octet) * 16777619u);
        }

        return string.Concat(hash.ToString(CultureInfo.InvariantCulture).Select(c => SafeLetters[c % SafeLetters.Length]));
    }

    /// <summary>Whether two templates are equal, ignoring the pod-template-hash label, the order of keys, and whether a field is absent or empty.</summary>
    public static bool SameTemplate(V1PodTemplateSpec? left, V1PodTemplateSpec? right) => Canonical(left) == Canonical(right);

    private static string Canonical(V1PodTemplateSpec? template)
    {
        var root = template is null ? null : JsonNode.Parse(KubernetesJson.Serialize(template));
        (root?["metadata"]?["labels"] as JsonObject)?.Remove(Label);
        return Sorted(root)?.ToJsonString() ?? "null";
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o
            .Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))
            .Where(p => p.Value is not null and not JsonArray { Count: 0 } && !(p.Value is JsonObject { Count: 0 } && Omittable.Contains(p.Key)))
            .OrderBy(p => p.Key, StringComparer.Ordinal)),
        JsonArray a => new JsonArray([.. a.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
