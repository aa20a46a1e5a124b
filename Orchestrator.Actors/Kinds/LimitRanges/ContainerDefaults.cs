using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using k8s.Models;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.LimitRanges;

/// <summary>Gives containers the default requests and limits of a LimitRange, and notes it in an annotation of the pod, so that its owner sees where they
/// come from. Pure.</summary>
internal static class ContainerDefaults
{
    private const string Annotation = "kubernetes.io/limit-ranger";
    private const string Prefix = "LimitRanger plugin set: ";

    /// <summary>Sets what the containers do not have.</summary>
    public static void Set(JsonObject pod, V1LimitRangeItem item)
    {
        var notes = new List<string>();
        foreach (var (container, role) in Containers((JsonObject)pod["spec"]!))
        {
            Fill(container, "requests", "request", item.DefaultRequest, role, notes);
            Fill(container, "limits", "limit", item.DefaultProperty, role, notes);
        }

        if (notes.Count > 0)
        {
            var annotations = Child(Child(pod, "metadata"), "annotations");
            annotations[Annotation] = $"{((string?)annotations[Annotation] is { Length: > 0 } former ? $"{former}; " : Prefix)}{string.Join("; ", notes)}";
        }
    }

    /// <summary>The containers of a pod, each with what it is called in sentences.</summary>
    public static IEnumerable<(JsonObject Container, string Role)> Containers(JsonObject spec) =>
        Items(spec, "containers").Select(c => (c, "container")).Concat(Items(spec, "initContainers").Select(c => (c, "init container")));

    private static void Fill(JsonObject container, string list, string noun, IDictionary<string, ResourceQuantity>? defaults, string role, List<string> notes)
    {
        var added = new List<string>();
        foreach (var (name, amount) in ResourceAmounts.Read(defaults))
        {
            var amounts = Child(Child(container, "resources"), list);
            if (amounts[name] is null)
            {
                amounts[name] = amount.ToString();
                added.Add(name);
            }
        }

        if (added.Count > 0)
        {
            notes.Add($"{string.Join(", ", added)} {noun} for {role} {(string?)container["name"]}");
        }
    }
}
