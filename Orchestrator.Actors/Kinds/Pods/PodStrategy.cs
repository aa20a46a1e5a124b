using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.LimitRanges;
using Orchestrator.Actors.Kinds.PriorityClasses;
using Orchestrator.Actors.Kinds.RuntimeClasses;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Rules of Pods (Kubernetes, "Pods").</summary>
internal sealed class PodStrategy : ResourceStrategy
{
    private const long DefaultGraceSeconds = 30;
    private const string PodRule = "pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, "
        + "`spec.activeDeadlineSeconds` and `spec.tolerations` (only additions)";

    public override void Default(JsonObject o)
    {
        if (o["spec"] is JsonObject spec)
        {
            PodDefaults.Apply(spec);
            PodAdmission.SetRequests(spec);
        }
    }

    public override string? Admit(JsonObject o, IAdmissionView view)
    {
        if (o["spec"] is not JsonObject spec)
        {
            return null;
        }

        if (PodAccount.Admit(o, view) is { } why)
        {
            return why;
        }

        PodAdmission.Admit(spec);
        LimitRangeAdmission.SetDefaults(o, view);
        return RuntimeClassAdmission.Admit(spec, view) ?? PodPriority.Admit(spec, view);
    }

    public override string? Permit(JsonObject o, JsonObject? old, IAdmissionView view) =>
        old is null || ContainerResize.Changes(old["spec"] as JsonObject, o["spec"] as JsonObject) ? LimitRangeAdmission.Judge(o, PodResources.Of, view) : null;

    public override void Validate(JsonObject o, FieldErrors errors) => PodValidation.Check(errors, "spec", o["spec"] as JsonObject);

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors) => Pod(errors, old["spec"] as JsonObject ?? [], o["spec"] as JsonObject ?? []);

    public override IEnumerable<string> Warnings(JsonObject o) => PodWarnings.Of("spec", o["spec"] as JsonObject);

    public override void PrepareForCreate(JsonObject o)
    {
        var status = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QosClass.Of(o["spec"] as JsonObject) };
        if (SchedulingGates.Of(o["spec"] as JsonObject).Any())
        {
            status["conditions"] = new JsonArray(SchedulingGates.Condition());
        }

        o["status"] = status;
    }

    /// <summary>Returns the grace period in seconds; 0 for a pod that is not bound to a node, which is deleted immediately.</summary>
    public override long GraceSeconds(KubeObject item, long? asked) => item.NodeName is not { Length: > 0 } ? 0
        : asked ?? item.ToNode()["spec"]?["terminationGracePeriodSeconds"].AsInt64() ?? DefaultGraceSeconds;

    /// <summary>A pod bound to a node is kept until the agent confirms that nothing of it is left.</summary>
    public override bool IsHeld(JsonObject o, long graceSeconds) => graceSeconds > 0 && (string?)o["spec"]?["nodeName"] is { Length: > 0 };

    private static void Pod(FieldErrors errors, JsonObject old, JsonObject wanted)
    {
        var isGated = SchedulingGates.Of(old).Any();
        if (!JsonNode.DeepEquals(Fixed(old, isGated), Fixed(wanted, isGated)))
        {
            errors.Forbidden("spec", PodRule);
        }

        var kept = (wanted["tolerations"] as JsonArray ?? []).ToList();
        if ((old["tolerations"] as JsonArray ?? []).Any(t => !kept.Any(k => JsonNode.DeepEquals(k, t))))
        {
            errors.Forbidden("spec.tolerations", "existing tolerations may not be changed or removed");
        }

        if (old["activeDeadlineSeconds"].AsInt64() is { } deadline && !(wanted["activeDeadlineSeconds"].AsInt64() <= deadline))
        {
            errors.Invalid("spec.activeDeadlineSeconds", wanted["activeDeadlineSeconds"]?.DeepClone(), string.Create(System.Globalization.CultureInfo.InvariantCulture, $"must be less than or equal to previous value {deadline}"));
        }

        EphemeralContainers.CheckUpdate(errors, old, wanted);
        ContainerResize.CheckUpdate(errors, old, wanted);
        SchedulingGates.CheckUpdate(errors, old, wanted);
    }

    // The spec without its mutable fields.
    private static JsonObject Fixed(JsonObject spec, bool isGated)
    {
        var copy = (JsonObject)spec.DeepClone();
        copy.Remove("activeDeadlineSeconds");
        copy.Remove("tolerations");
        copy.Remove("schedulingGates");
        copy.Remove(EphemeralContainers.Member);
        if (isGated)
        {
            copy.Remove("nodeSelector");
        }

        foreach (var list in (string[])["containers", "initContainers"])
        {
            foreach (var container in (copy[list] as JsonArray ?? []).OfType<JsonObject>())
            {
                container.Remove("image");
                container.Remove("resources");
            }
        }

        return copy;
    }
}
