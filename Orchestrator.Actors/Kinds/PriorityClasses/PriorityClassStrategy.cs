using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.PriorityClasses;

/// <summary>Rules of PriorityClasses (Kubernetes, "Pod Priority and Preemption").</summary>
internal sealed class PriorityClassStrategy : ResourceStrategy
{
    private const long MaxUser = 1_000_000_000;

    public override void Default(JsonObject o) => Set(o, "preemptionPolicy", "PreemptLowerPriority");

    public override string? Admit(JsonObject o, IAdmissionView view) =>
        (bool?)o["globalDefault"] == true && view.All(PriorityClassDefinition.Instance).FirstOrDefault(IsDefault) is { } other
            ? $"PriorityClass {other.Name} is already marked as default. Only one default can exist" : null;

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        if (SystemPriorityClasses.Contain(o))
        {
            return;
        }

        var name = (string?)o["metadata"]?["name"] ?? "";
        if (name.StartsWith(SystemPriorityClasses.Prefix, StringComparison.Ordinal))
        {
            errors.Forbidden("metadata.name", "priority class names with 'system-' prefix are reserved for system use only");
        }

        if (o["value"].AsInt64() > MaxUser)
        {
            errors.Forbidden("value", $"maximum allowed value of a user defined priority is {MaxUser}");
        }

        errors.OneOf("preemptionPolicy", (string?)o["preemptionPolicy"], "Never", "PreemptLowerPriority");
    }

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors)
    {
        foreach (var field in (string[])["value", "preemptionPolicy"])
        {
            errors.Immutable(field, o[field], old[field]);
        }
    }

    internal static bool IsDefault(KubeObject priorityClass) => (bool?)priorityClass.ToNode()["globalDefault"] == true;
}
