using System.Globalization;
using System.Text.Json;
using k8s.Models;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Workloads;

/// <summary>Reads the part of a pod that controllers need: metadata, node, phase, readiness and restarts. It costs a tenth of
/// <see cref="KubeObject.As{T}"/>.</summary>
internal static class PodOutline
{
    /// <summary>Returns the outline of a pod. It is created once for each version and shared, so it must not be changed.</summary>
    public static V1Pod Of(KubeObject pod) => pod.Outline(Read);

    private static V1Pod Read(KubeObject pod)
    {
        using var document = JsonDocument.Parse(pod.Json);
        var metadata = document.RootElement.GetProperty("metadata");
        var status = document.RootElement.TryGetProperty("status", out var s) ? s : default;
        return new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = pod.Name,
                NamespaceProperty = pod.Namespace,
                Uid = pod.Uid,
                Labels = pod.LabelMap,
                Annotations = Annotations(metadata),
                OwnerReferences = pod.Owners.IsEmpty ? null : [.. pod.Owners.Select(o => new V1OwnerReference
                {
                    ApiVersion = o.ApiVersion, Kind = o.Kind, Name = o.Name, Uid = o.Uid,
                    Controller = o.IsController ? true : null, BlockOwnerDeletion = o.Blocks ? true : null,
                })],
                CreationTimestamp = Time(metadata, "creationTimestamp"),
                DeletionTimestamp = Time(metadata, "deletionTimestamp"),
            },
            Spec = new V1PodSpec { NodeName = pod.NodeName },
            Status = new V1PodStatus { Phase = pod.Phase, Conditions = Ready(status), ContainerStatuses = Restarts(status) },
        };
    }

    private static Dictionary<string, string>? Annotations(JsonElement metadata) => metadata.TryGetProperty("annotations", out var annotations)
        ? annotations.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString() ?? "")
        : null;

    private static List<V1PodCondition>? Ready(JsonElement status)
    {
        foreach (var condition in Items(status, "conditions"))
        {
            if (condition.GetProperty("type").ValueEquals("Ready"))
            {
                return [new V1PodCondition { Type = "Ready", Status = condition.GetProperty("status").GetString(), LastTransitionTime = Time(condition, "lastTransitionTime") }];
            }
        }

        return null;
    }

    private static List<V1ContainerStatus>? Restarts(JsonElement status)
    {
        var restarts = 0;
        foreach (var container in Items(status, "containerStatuses"))
        {
            restarts = Math.Max(restarts, container.TryGetProperty("restartCount", out var count) ? count.GetInt32() : 0);
        }

        return restarts == 0 ? null : [new V1ContainerStatus { RestartCount = restarts }];
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : default;

    private static DateTime? Time(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && DateTime.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
