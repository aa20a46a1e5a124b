using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.Secrets;

/// <summary>Rules of Secrets (Kubernetes, "Secrets").</summary>
internal sealed class SecretStrategy : ResourceStrategy
{
    /// <summary>Default type of a Secret.</summary>
    public const string Opaque = "Opaque";

    public override void Default(JsonObject o)
    {
        Set(o, "type", Opaque);
        foreach (var (key, text) in (o["stringData"] as JsonObject ?? []).ToList())
        {
            Child(o, "data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text!.GetValue<string>()));
        }

        o.Remove("stringData"); // Write-only field.
    }

    public override void Validate(JsonObject o, FieldErrors errors) => DataValidation.Check(o, errors);

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors)
    {
        errors.Immutable("type", o["type"], old["type"]);
        DataValidation.CheckUpdate(o, old, errors);
    }
}
