using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Schema;
using Orchestrator.Node.ApiServer.Answers;
using YamlDotNet.Core;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>Request bodies: JSON or YAML in, a checked object of the path's kind out.</summary>
internal static class Decoding
{
    private const int Limit = 3 * 1024 * 1024;

    public static async Task<byte[]> BodyAsync(HttpContext http)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(chunk, http.RequestAborted).ConfigureAwait(false)) > 0)
        {
            if (buffer.Length + read > Limit)
            {
                throw new ApiException(ApiReason.RequestEntityTooLarge, $"Request entity too large: limit is {Limit}");
            }

            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }

    /// <summary>The request's body, of any of the types that documents come in.</summary>
    /// <param name="http">The request.</param>
    /// <param name="duplicates">Takes the fields that are said twice.</param>
    /// <param name="mayBeEmpty">Whether no body at all is read as null.</param>
    public static async Task<JsonNode?> ReadAsync(HttpContext http, List<string>? duplicates = null, bool mayBeEmpty = false)
    {
        var body = await BodyAsync(http).ConfigureAwait(false);
        if (mayBeEmpty && body.Length == 0)
        {
            return null;
        }

        CheckType(http.Request.ContentType);
        return Parse(body, http.Request.ContentType, duplicates);
    }

    // None said is JSON.
    private static void CheckType(string? contentType)
    {
        if (contentType?.Split(';')[0].Trim() is not (null or "" or "application/json" or "application/yaml" or "application/vnd.kubernetes.protobuf"))
        {
            throw new ApiException(ApiReason.UnsupportedMediaType,
                "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf");
        }
    }

    public static JsonNode? Parse(byte[] body, string? contentType, List<string>? duplicates = null)
    {
        try
        {
            if (Protobuf.ProtobufBody.Is(contentType))
            {
                return Protobuf.ProtobufBody.Parse(body);
            }

            return contentType?.Contains("yaml", StringComparison.Ordinal) == true
                ? YamlBody.Parse(body, duplicates ?? [])
                : JsonBody.Parse(body, duplicates ?? []);
        }
        catch (Exception e) when (e is JsonException or YamlException or ArgumentException or FormatException)
        {
            throw new ApiException(ApiReason.BadRequest, $"the body of the request cannot be read: {e.Message}");
        }
    }

    /// <summary>Checks that a body is an object of a kind that is not stored itself, with values of the right types.</summary>
    public static JsonObject Document(JsonNode? node, ResourceDefinition kind)
    {
        if (node is not JsonObject o)
        {
            throw new ApiException(ApiReason.BadRequest, "the body of the request must be one object");
        }

        if (Text(o, "kind") is { Length: > 0 } said && said != kind.Kind)
        {
            throw new ApiException(ApiReason.BadRequest, $"kind: the body of the request is a {said} but the path takes a {kind.Kind}");
        }

        JsonMerge.WithoutNulls(o);
        _ = Pruned(kind, o);
        return o;
    }

    /// <summary>Checks what every kind shares: that it is an object of the kind, with values of the right types.</summary>
    /// <returns>The object in the form in which it is stored.</returns>
    public static JsonObject Object(JsonNode? node, ResourcePath path, FieldReport? report = null)
    {
        if (node is not JsonObject o)
        {
            throw new ApiException(ApiReason.BadRequest, "the body of the request must be one object");
        }

        var kind = path.Served;
        if (Text(o, "kind") is { } k && k != kind.Kind || Text(o, "apiVersion") is { } v && v != kind.ApiVersion)
        {
            throw new ApiException(ApiReason.BadRequest, $"the object is {o["apiVersion"]}/{o["kind"]} but the path takes {kind.ApiVersion}/{kind.Kind}");
        }

        o["kind"] = kind.Kind;
        o["apiVersion"] = kind.ApiVersion;
        JsonMerge.WithoutNulls(o);
        o["metadata"] ??= new JsonObject();

        report?.Settle(kind, Pruned(kind, o));
        var meta = (JsonObject)o["metadata"]!;
        if (kind.Namespaced && path.Namespace is not null && Text(meta, "namespace") is { Length: > 0 } ns && ns != path.Namespace)
        {
            throw new ApiException(ApiReason.BadRequest, "the namespace of the provided object does not match the namespace sent on the request");
        }

        if (kind.View is null)
        {
            return o;
        }

        // What the conversion takes out of annotations was not looked at yet.
        var stored = kind.View.Store(o);
        JsonMerge.WithoutNulls(stored);
        report?.Settle(kind.Stored, Pruned(kind.Stored, stored));
        return stored;
    }

    /// <summary>Refuses a document of another name than the path's.</summary>
    public static void CheckName(JsonObject o, ResourcePath path)
    {
        if ((string?)o["metadata"]?["name"] != path.Name)
        {
            throw new ApiException(ApiReason.BadRequest, "the name of the object does not match the name on the URL");
        }
    }

    // Removes unknown fields; a value of a wrong type refuses the request.
    private static ImmutableArray<string> Pruned(ResourceDefinition kind, JsonObject o) => SchemaCheck.Prune(kind.Schema, o) switch
    {
        { Mismatch: { } mismatch } => throw new ApiException(ApiReason.BadRequest, $"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: {mismatch}"),
        var report => report.Unknown,
    };

    private static string? Text(JsonObject o, string name) => o[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw new ApiException(ApiReason.BadRequest, $"{name} must be a string"),
    };
}
