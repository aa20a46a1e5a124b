using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Rules of Nodes (Kubernetes, "Nodes" and "Taints and Tolerations").</summary>
internal sealed class NodeStrategy : ResourceStrategy
{
    public override void Validate(JsonObject o, FieldErrors errors)
    {
        NodeRangeValidation.Validate(o, errors);

        var said = new HashSet<(string, string)>();
        foreach (var (taint, i) in MetadataValidation.Items(o["spec"] as JsonObject, "taints"))
        {
            var (key, effect) = ((string?)taint["key"] ?? "", (string?)taint["effect"] ?? "");
            errors.Named(MetadataValidation.At("spec.taints", i, "key"), key, Names.LabelKey);
            errors.OneOf(MetadataValidation.At("spec.taints", i, "effect"), effect, "NoExecute", "NoSchedule", "PreferNoSchedule");
            if ((string?)taint["value"] is { Length: > 0 } value && Names.LabelValue(value) is { } wrong)
            {
                errors.Invalid(MetadataValidation.At("spec.taints", i, "value"), value, wrong);
            }

            if (!said.Add((key, effect)))
            {
                errors.Duplicate($"spec.taints[{i}]", taint.DeepClone());
            }
        }
    }

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors)
    {
        NodeRangeValidation.ValidateUpdate(o, old, errors);
    }

    /// <summary>Keeps the status, because the agent creates the node with it.</summary>
    public override void PrepareForCreate(JsonObject o)
    {
    }
}
