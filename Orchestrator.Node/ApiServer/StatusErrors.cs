using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.ApiServer;

/// <summary>The one table from refusals to HTTP: code, and the Kubernetes <c>Status</c> object.</summary>
internal static class StatusErrors
{
    public static int CodeOf(ApiReason reason) => reason switch
    {
        ApiReason.BadRequest => 400,
        ApiReason.Unauthorized => 401,
        ApiReason.Forbidden => 403,
        ApiReason.NotFound => 404,
        ApiReason.MethodNotAllowed => 405,
        ApiReason.AlreadyExists or ApiReason.Conflict => 409,
        ApiReason.Expired => 410,
        ApiReason.RequestEntityTooLarge => 413,
        ApiReason.UnsupportedMediaType => 415,
        ApiReason.Invalid => 422,
        ApiReason.TooManyRequests => 429,
        ApiReason.ServiceUnavailable => 503,
        ApiReason.Timeout => 504,
        _ => 500,
    };

    public static JsonObject ToStatus(ApiError error, KindInfo? kind = null, string? name = null)
    {
        var details = new JsonObject();
        if (name is { Length: > 0 })
        {
            details["name"] = name;
        }

        if (kind is not null)
        {
            details["group"] = kind.Group;
            details["kind"] = kind.Plural;
        }

        if (!error.Causes.IsEmpty)
        {
            details["causes"] = new JsonArray([.. error.Causes.Select(c => (JsonNode)new JsonObject
            {
                ["reason"] = c.Reason, ["message"] = c.Message, ["field"] = c.Field,
            })]);
        }

        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = error.Message,
            ["reason"] = error.Reason.ToString(),
            ["details"] = details,
            ["code"] = CodeOf(error.Reason),
        };
    }

    public static Task WriteAsync(HttpContext http, ApiError error, KindInfo? kind = null, string? name = null) =>
        WriteJsonAsync(http, CodeOf(error.Reason), ToStatus(error, kind, name));

    public static async Task WriteJsonAsync(HttpContext http, int code, JsonNode body)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body), http.RequestAborted).ConfigureAwait(false);
    }
}

/// <summary>Ends a request with a refusal from deep inside decoding.</summary>
internal sealed class ApiException(ApiError error) : Exception(error.Message)
{
    public ApiError Error => error;

    public ApiException(ApiReason reason, string message) : this(new ApiError(reason, message)) { }
}
