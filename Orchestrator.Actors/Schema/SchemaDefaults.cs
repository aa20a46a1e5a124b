using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Schema;

/// <summary>Sets absent fields to the defaults of a schema document.</summary>
internal static class SchemaDefaults
{
    /// <summary>Fills in an object and everything in it.</summary>
    /// <param name="schema">The schema of the value.</param>
    /// <param name="value">The value. It is modified.</param>
    public static void Fill(SchemaNode schema, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject o when schema.Type == SchemaType.Map:
                foreach (var (_, item) in o)
                {
                    Fill(schema.Items!, item);
                }

                break;
            case JsonObject o:
                foreach (var (name, field) in schema.Fields)
                {
                    if (!o.ContainsKey(name) && field.Value.Document?["default"] is { } given)
                    {
                        o[name] = given.DeepClone();
                    }

                    Fill(field.Value, o[name]);
                }

                break;
            case JsonArray a when schema.Items is { } items:
                foreach (var item in a)
                {
                    Fill(items, item);
                }

                break;
            default:
                break;
        }
    }
}
