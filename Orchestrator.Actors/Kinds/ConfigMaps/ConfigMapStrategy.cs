using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.ConfigMaps;

/// <summary>Rules of ConfigMaps (Kubernetes, "ConfigMaps").</summary>
internal sealed class ConfigMapStrategy : ResourceStrategy
{
    public override void Validate(JsonObject o, FieldErrors errors) => DataValidation.Check(o, errors);

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors) => DataValidation.CheckUpdate(o, old, errors);
}
