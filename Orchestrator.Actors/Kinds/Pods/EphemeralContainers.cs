using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;
using k8s.Models;
using static Orchestrator.Actors.Validation.MetadataValidation;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Containers that are added to a running pod to look into it (Kubernetes, "Ephemeral Containers"). They are never restarted, changed or removed. Pure.</summary>
internal static class EphemeralContainers
{
    /// <summary>The subresource that adds them.</summary>
    public const string Subresource = "ephemeralcontainers";

    /// <summary>The member of the spec.</summary>
    public const string Member = "ephemeralContainers";

    private static readonly string[] NotAllowed = ["lifecycle", "livenessProbe", "ports", "readinessProbe", "resizePolicy", "startupProbe"];

    /// <summary>Those of a pod in the form of other containers.</summary>
    public static IEnumerable<V1Container> Of(V1PodSpec spec) => (spec.EphemeralContainers ?? []).Select(c => new V1Container
    {
        Args = c.Args,
        Command = c.Command,
        Env = c.Env,
        EnvFrom = c.EnvFrom,
        Image = c.Image,
        ImagePullPolicy = c.ImagePullPolicy,
        Name = c.Name,
        SecurityContext = c.SecurityContext,
        Stdin = c.Stdin,
        StdinOnce = c.StdinOnce,
        TerminationMessagePath = c.TerminationMessagePath,
        TerminationMessagePolicy = c.TerminationMessagePolicy,
        Tty = c.Tty,
        VolumeMounts = c.VolumeMounts,
        WorkingDir = c.WorkingDir,
    });

    /// <summary>The container whose processes one of them sees; null for none.</summary>
    public static string? TargetOf(V1PodSpec spec, string container) =>
        spec.EphemeralContainers?.FirstOrDefault(c => c.Name == container)?.TargetContainerName is { Length: > 0 } target ? target : null;

    /// <summary>Validates what only they may not have, besides what every container must have.</summary>
    /// <param name="errors">Collects the errors.</param>
    /// <param name="path">Path of the spec.</param>
    /// <param name="spec">The spec of the pod.</param>
    public static void Check(FieldErrors errors, string path, JsonObject? spec)
    {
        var others = Items(spec, "containers").Concat(Items(spec, "initContainers")).Select(c => (string?)c.Item["name"]).ToHashSet();
        foreach (var (container, i) in Items(spec, Member))
        {
            var at = $"{path}.{Member}[{i}]";
            foreach (var field in NotAllowed.Where(f => container[f] is not null))
            {
                errors.Forbidden($"{at}.{field}", "cannot be set for an Ephemeral Container");
            }

            foreach (var field in (string[])["limits", "requests"])
            {
                if (container["resources"]?[field] is JsonObject { Count: > 0 })
                {
                    errors.Forbidden($"{at}.resources.{field}", "cannot be set for an Ephemeral Container");
                }
            }

            foreach (var (mount, m) in Items(container, "volumeMounts"))
            {
                foreach (var field in (string[])["subPath", "subPathExpr"])
                {
                    if ((string?)mount[field] is { Length: > 0 })
                    {
                        errors.Forbidden($"{at}.volumeMounts[{m}].{field}", "cannot be set for an Ephemeral Container");
                    }
                }
            }

            if ((string?)container["targetContainerName"] is { Length: > 0 } target && !others.Contains(target))
            {
                errors.NotFound($"{at}.targetContainerName", target);
            }
        }
    }

    /// <summary>Validates that they are only added to.</summary>
    public static void CheckUpdate(FieldErrors errors, JsonObject old, JsonObject wanted)
    {
        var now = Items(wanted, Member).ToDictionary(c => (string?)c.Item["name"] ?? "", c => c);
        foreach (var (before, i) in Items(old, Member))
        {
            var name = (string)before["name"]!;
            if (!now.TryGetValue(name, out var after))
            {
                errors.Forbidden($"spec.{Member}", $"existing ephemeral containers \"{name}\" may not be removed");
            }
            else if (!JsonNode.DeepEquals(before, after.Item))
            {
                errors.Forbidden($"spec.{Member}[{after.Index}]", $"existing ephemeral containers \"{name}\" may not be changed");
            }
        }
    }
}
