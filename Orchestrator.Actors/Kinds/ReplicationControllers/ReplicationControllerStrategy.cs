using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.ReplicationControllers;

/// <summary>Rules of ReplicationControllers (Kubernetes, "ReplicationController"). The selector has labels only; default: those of the template.</summary>
internal sealed class ReplicationControllerStrategy() : TemplateStrategy("spec.template", "Always")
{
    public override void Default(JsonObject o)
    {
        base.Default(o);
        if (o["spec"] is not JsonObject spec)
        {
            return;
        }

        Set(spec, "replicas", 1);
        if (spec["selector"] is not JsonObject { Count: > 0 } && Template(o)?["metadata"]?["labels"] is JsonObject { Count: > 0 } labels)
        {
            spec["selector"] = labels.DeepClone();
        }

        if (o["metadata"] is JsonObject meta && meta["labels"] is not JsonObject { Count: > 0 } && Template(o)?["metadata"]?["labels"] is JsonObject { Count: > 0 } own)
        {
            meta["labels"] = own.DeepClone();
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        base.Validate(o, errors);
        var spec = o["spec"] as JsonObject;
        errors.NotNegative("spec", spec, "replicas", "minReadySeconds");
        MetadataValidation.Map(errors, "spec.selector", spec?["selector"] as JsonObject);
        if (spec?["selector"] is not JsonObject { Count: > 0 } selector)
        {
            errors.Required("spec.selector");
        }
        else if (Template(o)?["metadata"]?["labels"] as JsonObject is var labels && selector.Any(s => (string?)labels?[s.Key] != (string?)s.Value))
        {
            errors.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
        }
    }
}
