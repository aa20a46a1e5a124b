using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Schema;

/// <summary>Sets absent fields to the defaults of a schema document.</summary>
internal static class SchemaDefaults
{
    // A list of many small items may have a large default for each of them.
    private const int Budget = 2 * 1024 * 1024;

    /// <summary>Fills in an object and everything in it.</summary>
    /// <param name="schema">The schema of the value.</param>
    /// <param name="value">The value. It is modified.</param>
    /// <returns>False if the defaults add more than 2 MiB; the rest is not filled in.</returns>
    public static bool Fill(SchemaNode schema, JsonNode? value)
    {
        var budget = Budget;
        Fill(schema, value, ref budget);
        return budget > 0;
    }

    private static void Fill(SchemaNode schema, JsonNode? value, ref int budget)
    {
        switch (value)
        {
            case JsonObject o when schema.Type == SchemaType.Map:
                foreach (var (_, item) in o)
                {
                    Fill(schema.Items!, item, ref budget);
                }

                break;
            case JsonObject o:
                foreach (var (name, field) in schema.Fields)
                {
                    if (budget > 0 && !o.ContainsKey(name) && field.Value.Document?["default"] is { } given)
                    {
                        o[name] = given.DeepClone();
                        budget -= name.Length + given.ToJsonString().Length;
                    }

                    Fill(field.Value, o[name], ref budget);
                }

                break;
            case JsonArray a when schema.Items is { } items:
                foreach (var item in a)
                {
                    Fill(items, item, ref budget);
                }

                break;
            default:
                break;
        }
    }
}
