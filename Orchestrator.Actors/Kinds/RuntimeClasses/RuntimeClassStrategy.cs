using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.RuntimeClasses;

/// <summary>Rules of RuntimeClasses (Kubernetes, "Runtime Class").</summary>
internal sealed class RuntimeClassStrategy : ResourceStrategy
{
    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var handler = (string?)o["handler"];
        if (string.IsNullOrEmpty(handler))
        {
            errors.Required("handler");
        }
        else if (Names.Label(handler) is { } why)
        {
            errors.Invalid("handler", handler, why);
        }
    }

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors) => errors.Immutable("handler", o["handler"], old["handler"]);
}
