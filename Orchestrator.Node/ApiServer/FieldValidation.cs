using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.OpenApi;

namespace Orchestrator.Node.ApiServer;

/// <summary>The <c>fieldValidation</c> parameter of writes: fields that the kind does not have are refused, warned of, or silently dropped.</summary>
internal static class FieldValidation
{
    private const int MostWarnings = 20;

    /// <summary>Drops the unknown fields of an object, and says so in the way that the request asks for.</summary>
    public static void Apply(HttpContext http, KindInfo kind, JsonObject o)
    {
        http.Response.Headers.Remove("Warning"); // Of an attempt before.
        var mode = http.Request.Query["fieldValidation"].ToString();
        if (mode is not ("" or "Strict" or "Warn" or "Ignore"))
        {
            throw new ApiException(ApiReason.BadRequest, $"fieldValidation must be Ignore, Warn or Strict, not \"{mode}\"");
        }

        var unknown = kind.Model is null ? [] : Prune(kind.Model, o);
        if (unknown.Count == 0 || mode == "Ignore")
        {
            return;
        }

        if (mode == "Strict")
        {
            throw new ApiException(ApiReason.BadRequest,
                $"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: strict decoding error: {string.Join(", ", unknown.Select(Sentence))}");
        }

        foreach (var path in unknown.Take(MostWarnings))
        {
            http.Response.Headers.Append("Warning", $"299 - \"{Sentence(path).Replace("\\", "\\\\").Replace("\"", "\\\"")}\"");
        }
    }

    /// <summary>Removes what the model has no field for.</summary>
    /// <returns>The paths of what is gone.</returns>
    public static IReadOnlyList<string> Prune(Type model, JsonObject o)
    {
        var gone = new List<string>();
        Prune(model, o, "", gone);
        return gone;
    }

    private static void Prune(Type model, JsonObject o, string at, List<string> gone)
    {
        var fields = ModelFields.Of(model);
        List<string>? drop = null;
        foreach (var (name, value) in o)
        {
            var path = at.Length == 0 ? name : $"{at}.{name}";
            if (!fields.TryGetValue(name, out var field))
            {
                gone.Add(path);
                (drop ??= []).Add(name);
            }
            else if (field.Shape == FieldShape.Model && value is not null)
            {
                Nested(field, value, path, gone);
            }
        }

        drop?.ForEach(name => o.Remove(name));
    }

    private static void Nested(ModelField field, JsonNode value, string path, List<string> gone)
    {
        switch (value)
        {
            case JsonArray list when field.IsList:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is JsonObject item)
                    {
                        Prune(field.Type, item, $"{path}[{i}]", gone);
                    }
                }

                break;
            case JsonObject map when field.IsMap:
                foreach (var (key, item) in map)
                {
                    if (item is JsonObject one)
                    {
                        Prune(field.Type, one, $"{path}.{key}", gone);
                    }
                }

                break;
            case JsonObject one when !field.IsList:
                Prune(field.Type, one, path, gone);
                break;
        }
    }

    // A header's value is ASCII.
    private static string Sentence(string path) => $"unknown field \"{string.Concat(path.Select(c => c is > ' ' and < (char)127 ? c : '?'))}\"";
}
