using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.Namespaces;

/// <summary>Rules of Namespaces (Kubernetes, "Namespaces").</summary>
internal sealed class NamespaceStrategy : ResourceStrategy
{
    private const string PodSecurityLabel = "pod-security.kubernetes.io/";

    public override void Default(JsonObject o)
    {
        if (o["metadata"] is JsonObject meta && (string?)meta["name"] is { Length: > 0 } name)
        {
            Child(meta, "labels")["kubernetes.io/metadata.name"] = name;
        }
    }

    public override IEnumerable<string> Warnings(JsonObject o) => (o["metadata"]?["labels"] as JsonObject ?? [])
        .Where(l => l.Key.StartsWith(PodSecurityLabel, StringComparison.Ordinal) && l.Value?.ToString() != "privileged")
        .Select(l => $"metadata.labels[{l.Key}]: no standard for pods is enforced yet");

    public override void PrepareForCreate(JsonObject o)
    {
        o["status"] = new JsonObject { ["phase"] = "Active" };
        Child(o, "spec")["finalizers"] = new JsonArray("kubernetes");
    }

    public override void PrepareForDelete(JsonObject o) => Child(o, "status")["phase"] = "Terminating";

    /// <summary>A namespace is kept until its <c>spec.finalizers</c> are removed by the subresource <c>finalize</c>.</summary>
    public override bool IsHeld(JsonObject o, long graceSeconds) => o["spec"]?["finalizers"] is JsonArray { Count: > 0 };
}
