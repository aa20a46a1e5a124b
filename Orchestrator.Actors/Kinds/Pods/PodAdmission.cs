using System.Text.Json.Nodes;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Admission of new pods: fields that are set when a pod is created, but not in templates.</summary>
internal static class PodAdmission
{
    private const string MemoryPressure = "node.kubernetes.io/memory-pressure";

    /// <summary>Completes a spec to which the defaults have been applied.</summary>
    public static void Admit(JsonObject spec)
    {
        Set(spec, "enableServiceLinks", true);
        var tolerations = spec["tolerations"] as JsonArray ?? [];
        spec["tolerations"] = tolerations;
        foreach (var taint in (string[])["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            if (!tolerations.OfType<JsonObject>().Any(t => IsFor(t, "key", taint) && IsFor(t, "effect", "NoExecute")))
            {
                tolerations.Add(new JsonObject { ["key"] = taint, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300 });
            }
        }

        // Kubernetes, "Taints and Tolerations": pods that request something are taken to cope with a node that is short of memory.
        if (QosClass.Of(spec) != "BestEffort" && !tolerations.OfType<JsonObject>().Any(t => IsFor(t, "key", MemoryPressure) && IsFor(t, "effect", "NoSchedule")))
        {
            tolerations.Add(new JsonObject { ["key"] = MemoryPressure, ["operator"] = "Exists", ["effect"] = "NoSchedule" });
        }
    }

    /// <summary>What a pod may have most of it requests, unless it says otherwise; also in what is sent in its place.</summary>
    public static void SetRequests(JsonObject spec)
    {
        foreach (var resources in Items(spec, "initContainers").Concat(Items(spec, "containers")).Select(c => Child(c, "resources")))
        {
            foreach (var (name, limit) in (resources["limits"] as JsonObject ?? []).Where(l => l.Value is not null).ToList())
            {
                Set(Child(resources, "requests"), name, limit!.DeepClone());
            }
        }
    }

    private static bool IsFor(JsonObject toleration, string name, string value) => toleration[name]?.GetValue<string>() is null or "" || toleration[name]!.GetValue<string>() == value;
}
