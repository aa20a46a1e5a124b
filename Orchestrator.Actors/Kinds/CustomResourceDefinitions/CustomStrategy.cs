using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Schema;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.CustomResourceDefinitions;

/// <summary>Strategy of custom kinds: applies the defaults and the validation of the schema.</summary>
internal sealed class CustomStrategy(SchemaNode schema) : ResourceStrategy
{
    public override void Default(JsonObject o) => SchemaDefaults.Fill(schema, o);

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        if (!SchemaDefaults.Fill(schema, o))
        {
            errors.Invalid("", "", "the defaults of the schema add more than 2 MiB to the object");
            return;
        }

        SchemaValidation.Check(schema.Document!, o, "", errors);
    }
}
