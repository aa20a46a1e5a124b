using System.Text.Json;
using Orchestrator.Actors.Api;
using k8s;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ControllerRevisions;

/// <summary>A ControllerRevision with the pod template that it keeps.</summary>
/// <param name="Object">The ControllerRevision.</param>
/// <param name="Number">Its revision number: the highest is that of the newest rollout.</param>
/// <param name="Template">The pod template; null if its data holds none, because somebody else wrote it.</param>
internal sealed record TemplateRevision(KubeObject Object, long Number, V1PodTemplateSpec? Template)
{
    /// <summary>Its name: that of the workload and a hash.</summary>
    public string Name => Object.Name;

    /// <summary>Reads a ControllerRevision; cached for each version.</summary>
    public static TemplateRevision Of(KubeObject revision) => revision.Outline(Read);

    private static TemplateRevision Read(KubeObject revision)
    {
        using var document = JsonDocument.Parse(revision.Json);
        var root = document.RootElement;
        return new TemplateRevision(revision, root.TryGetProperty("revision", out var number) ? number.GetInt64() : 0, TemplateOf(root));
    }

    private static V1PodTemplateSpec? TemplateOf(JsonElement root)
    {
        var at = root;
        foreach (var name in (string[])["data", "spec", "template"])
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
            {
                return null;
            }
        }

        try
        {
            return at.ValueKind == JsonValueKind.Object ? KubernetesJson.Deserialize<V1PodTemplateSpec>(at.GetRawText()) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
