using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api;

/// <summary>Reads a value by its path.</summary>
internal static class JsonPath
{
    /// <summary>Returns the value at a path of member names, such as <c>spec.template</c>; null if there is none.</summary>
    public static JsonNode? At(JsonObject o, string path)
    {
        JsonNode? at = o;
        foreach (var name in path.Split('.'))
        {
            at = (at as JsonObject)?[name];
        }

        return at;
    }
}
