using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Validation.MetadataValidation;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>CPU and memory of containers change while they run, by the subresource <c>resize</c> (Kubernetes, "Resize CPU and Memory Resources assigned to Containers"). Pure.</summary>
internal static class ContainerResize
{
    /// <summary>The subresource.</summary>
    public const string Subresource = "resize";

    /// <summary>The container need not start again when a resource changes; also if it has no policy.</summary>
    public const string NotRequired = "NotRequired";

    /// <summary>The container starts again when a resource changes.</summary>
    public const string RestartContainer = "RestartContainer";

    private static readonly string[] Lists = ["containers", "initContainers"];
    private static readonly string[] Resizable = ["cpu", "memory"];
    private static readonly string[] Kinds = ["requests", "limits"];

    /// <summary>The part of the spec that the subresource changes.</summary>
    public static SpecPart Part { get; } = new("spec.containers[*].resources", (old, wanted) => Pairs(old, wanted).Any(p => IsChanged(p.Old, p.New)), (spec, source) =>
    {
        foreach (var (mine, theirs, _) in Pairs(spec, source))
        {
            mine["resources"] = theirs["resources"]?.DeepClone();
        }
    });

    /// <summary>Whether the resources of any container change.</summary>
    public static bool Changes(JsonObject? old, JsonObject? wanted) => old is not null && wanted is not null && Part.Differs(old, wanted);

    /// <summary>Validates the policies of a container.</summary>
    /// <param name="errors">Collects the errors.</param>
    /// <param name="path">Path of the container.</param>
    /// <param name="container">The container.</param>
    /// <param name="restartPolicy">That of the pod.</param>
    public static void CheckPolicy(FieldErrors errors, string path, JsonObject container, string? restartPolicy)
    {
        var said = new HashSet<string>();
        foreach (var (policy, i) in Items(container, "resizePolicy"))
        {
            var (at, name, what) = ($"{path}.resizePolicy[{i}]", (string?)policy["resourceName"] ?? "", (string?)policy["restartPolicy"] ?? "");
            errors.OneOf($"{at}.resourceName", name, Resizable);
            errors.OneOf($"{at}.restartPolicy", what, NotRequired, RestartContainer);
            if (!said.Add(name))
            {
                errors.Duplicate($"{at}.resourceName", name);
            }

            if (what == RestartContainer && restartPolicy == "Never")
            {
                errors.Invalid($"{at}.restartPolicy", what, $"must be '{NotRequired}' when `restartPolicy` is 'Never'");
            }
        }
    }

    /// <summary>Validates a change of resources.</summary>
    public static void CheckUpdate(FieldErrors errors, JsonObject old, JsonObject wanted)
    {
        var changed = Pairs(old, wanted).Where(p => IsChanged(p.Old, p.New)).ToList();
        foreach (var (before, after, at) in changed)
        {
            if (at.StartsWith("spec.initContainers", StringComparison.Ordinal) && (string?)after["restartPolicy"] != "Always")
            {
                errors.Forbidden($"{at}.resources", "resources of an init container that is no sidecar do not change");
                continue;
            }

            foreach (var kind in Kinds)
            {
                CheckAmounts(errors, $"{at}.resources", kind, Amounts(before, kind), Amounts(after, kind), kind == "limits" && Policy(after, "memory") != RestartContainer);
            }

            if (!JsonNode.DeepEquals(before["resources"]?["claims"], after["resources"]?["claims"]))
            {
                errors.Forbidden($"{at}.resources.claims", "only cpu and memory resources are mutable");
            }
        }

        if (changed.Count > 0 && QosClass.Of(old) is var qos && QosClass.Of(wanted) != qos)
        {
            errors.Invalid("spec", qos, "Pod QOS Class may not change as a result of resizing");
        }
    }

    /// <summary>What happens to a container when a resource changes.</summary>
    private static string Policy(JsonObject container, string resource) =>
        (string?)Items(container, "resizePolicy").Select(p => p.Item).FirstOrDefault(p => (string?)p["resourceName"] == resource)?["restartPolicy"] ?? NotRequired;

    private static void CheckAmounts(FieldErrors errors, string resources, string kind, JsonObject old, JsonObject wanted, bool memoryOnlyGrows)
    {
        var path = $"{resources}.{kind}";
        foreach (var name in Others(old, wanted))
        {
            if (!Resizable.Contains(name))
            {
                errors.Forbidden($"{path}[{name}]", "only cpu and memory resources are mutable");
            }
            else if (wanted[name] is null || (kind == "limits" && Quantity.Read(wanted[name])?.Nanos == 0 && Quantity.Read(old[name])?.Nanos > 0))
            {
                // A limit of 0 is none.
                errors.Forbidden($"{path}[{name}]", "it cannot be removed");
            }
            else if (memoryOnlyGrows && name == "memory" && Quantity.Read(wanted[name])?.Nanos < Quantity.Read(old[name])?.Nanos)
            {
                errors.Forbidden($"{path}[{name}]", $"memory limits cannot be decreased unless resizePolicy is {RestartContainer}");
            }
        }
    }

    // By amount: a client may write one in another way than it is stored.
    private static bool IsChanged(JsonObject old, JsonObject wanted) => Kinds.Any(k => Others(Amounts(old, k), Amounts(wanted, k)).Any())
        || !JsonNode.DeepEquals(old["resources"]?["claims"], wanted["resources"]?["claims"]);

    private static JsonObject Amounts(JsonObject container, string kind) => container["resources"]?[kind] as JsonObject ?? [];

    private static IEnumerable<string> Others(JsonObject old, JsonObject wanted) => old.Select(r => r.Key).Union(wanted.Select(r => r.Key)).Where(n => IsOther(old[n], wanted[n]));

    private static bool IsOther(JsonNode? old, JsonNode? wanted) => old is null != wanted is null || Quantity.Read(old)?.Nanos != Quantity.Read(wanted)?.Nanos;

    // The containers of both specs.
    private static IEnumerable<(JsonObject Old, JsonObject New, string At)> Pairs(JsonObject old, JsonObject wanted) => Lists.SelectMany(list => Items(wanted, list)
        .Select(w => (Old: Items(old, list).Select(o => o.Item).FirstOrDefault(o => (string?)o["name"] == (string?)w.Item["name"]), New: w.Item, At: $"spec.{list}[{w.Index}]"))
        .Where(p => p.Old is not null).Select(p => (p.Old!, p.New, p.At)));
}
