using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Workloads;

/// <summary>The object that something is reserved for, <c>spec.parentRef</c> (Kubernetes, IPAddress).</summary>
internal static class ParentRef
{
    /// <summary>Reads the key of the parent; none if there is none.</summary>
    public static IEnumerable<ObjectKey> Of(JsonObject reservation)
    {
        if (reservation["spec"]?["parentRef"] is JsonObject parent && (string?)parent["resource"] is { Length: > 0 } resource && (string?)parent["name"] is { Length: > 0 } name)
        {
            yield return new ObjectKey((string?)parent["group"] is { Length: > 0 } group ? $"{resource}.{group}" : resource, (string?)parent["namespace"] ?? "", name);
        }
    }

    /// <summary>Creates the reference to a parent of the core group.</summary>
    public static JsonObject To(ObjectKey parent) => new() { ["resource"] = parent.Resource, ["namespace"] = parent.Namespace, ["name"] = parent.Name };
}
