using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Api.JsonFilling;
using static Orchestrator.Actors.Validation.MetadataValidation;

namespace Orchestrator.Actors.Workloads;

/// <summary>Base strategy of kinds with a selector and a pod template whose restart policy must be Always.</summary>
/// <param name="kind">Name of the kind, for messages.</param>
/// <param name="hasReplicas">Whether the spec has <c>replicas</c> (default 1).</param>
internal class WorkloadStrategy(string kind, bool hasReplicas = true) : TemplateStrategy("spec.template")
{
    public override void Default(JsonObject o)
    {
        if (hasReplicas && o["spec"] is JsonObject spec)
        {
            Set(spec, "replicas", 1);
        }

        base.Default(o);
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var spec = o["spec"] as JsonObject;
        errors.NotNegative("spec", spec, "replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds");
        var labels = spec?["template"]?["metadata"]?["labels"] as JsonObject ?? [];
        var selector = spec?["selector"] as JsonObject;
        Selector(errors, "spec.selector", selector);
        if (selector is null)
        {
            errors.Required("spec.selector");
        }
        else if (selector.All(p => p.Value is JsonObject { Count: 0 } or JsonArray { Count: 0 }))
        {
            errors.Invalid("spec.selector", selector, $"empty selector is invalid for {kind.ToLowerInvariant()}");
        }
        else if (!Selects(selector, labels))
        {
            errors.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
        }

        Labels(errors, "spec.template.metadata", spec?["template"]?["metadata"] as JsonObject);
        var template = PodSpec(o);
        PodValidation.CheckTemplate(errors, "spec.template.spec", template);
        if ((string?)template?["restartPolicy"] is "OnFailure" or "Never")
        {
            errors.OneOf("spec.template.spec.restartPolicy", (string?)template["restartPolicy"], "Always");
        }

        if (template?["activeDeadlineSeconds"] is not null)
        {
            errors.Forbidden("spec.template.spec.activeDeadlineSeconds", $"activeDeadlineSeconds in {kind} is not Supported");
        }
    }

    /// <summary>The spec of the pods, to be validated; null if there is none.</summary>
    protected virtual JsonObject? PodSpec(JsonObject o) => Template(o)?["spec"] as JsonObject;

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors) =>
        errors.Immutable("spec.selector", o["spec"]?["selector"], old["spec"]?["selector"]);
}
