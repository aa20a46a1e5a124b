using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Answers;

/// <summary>The one table from refusals to HTTP: code, and the Kubernetes <c>Status</c> object.</summary>
internal static class StatusErrors
{
    private const int RetryAfterSeconds = 1;

    public static int CodeOf(ApiReason reason) => reason switch
    {
        ApiReason.BadRequest => 400,
        ApiReason.Unauthorized => 401,
        ApiReason.Forbidden => 403,
        ApiReason.NotFound => 404,
        ApiReason.MethodNotAllowed => 405,
        ApiReason.NotAcceptable => 406,
        ApiReason.AlreadyExists or ApiReason.Conflict => 409,
        ApiReason.Expired => 410,
        ApiReason.RequestEntityTooLarge => 413,
        ApiReason.UnsupportedMediaType => 415,
        ApiReason.Invalid => 422,
        ApiReason.TooManyRequests => 429,
        ApiReason.ServiceUnavailable => 503,
        ApiReason.Timeout => 504,
        ApiReason.InsufficientStorage => 507,
        _ => 500,
    };

    /// <param name="error">The refusal.</param>
    /// <param name="subject">What it is about; null when it is about nothing in particular.</param>
    /// <param name="token">The token that a list goes on with; null for none.</param>
    public static JsonObject ToStatus(ApiError error, ApiSubject? subject = null, string? token = null)
    {
        var details = new JsonObject();
        Fill(details, "name", subject?.Name);
        Fill(details, "group", subject?.Group);
        Fill(details, "kind", subject?.Kind);
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
            ["metadata"] = token is null ? new JsonObject() : new JsonObject { ["continue"] = token },
            ["status"] = "Failure",
            ["message"] = error.Message,
            ["reason"] = error.Reason.ToString(),
            ["details"] = details,
            ["code"] = CodeOf(error.Reason),
        };
    }

    /// <summary>The <c>Status</c> of what was done to an object that the answer does not show.</summary>
    public static JsonObject Success(ResourcePath path, string uid) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Success",
        ["details"] = new JsonObject { ["name"] = path.Name, ["group"] = path.Kind.Group, ["kind"] = path.Kind.Plural, ["uid"] = uid },
    };

    public static Task WriteAsync(HttpContext http, ApiError error, ResourcePath? path) => WriteAsync(http, new ApiException(error), path);

    public static Task WriteAsync(HttpContext http, ApiException e, ResourcePath? path)
    {
        var status = ToStatus(e.Error, e.Subject ?? Subject(e.Error, path), e.Continue);
        if (e.SaysWhenToRepeat && MayRepeat(http, e.Error.Reason))
        {
            status["details"]!["retryAfterSeconds"] = RetryAfterSeconds;
            http.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        return WriteJsonAsync(http, CodeOf(e.Error.Reason), status);
    }

    // Clients repeat by themselves what has the header: a write that may be stored already must not be repeated so.
    private static bool MayRepeat(HttpContext http, ApiReason reason) => reason is ApiReason.ServiceUnavailable or ApiReason.TooManyRequests
        || (reason == ApiReason.Timeout && HttpMethods.IsGet(http.Request.Method));

    // Fields are of a kind, everything else is of a resource; what cannot be read is of neither.
    private static ApiSubject? Subject(ApiError error, ResourcePath? path) => (error.Reason, path) switch
    {
        (_, null) or (ApiReason.BadRequest or ApiReason.NotAcceptable or ApiReason.RequestEntityTooLarge or ApiReason.UnsupportedMediaType, _) => null,
        (ApiReason.Invalid, _) => new(path.Kind.Group, path.Kind.Kind, path.Name),
        _ => new(path.Kind.Group, path.Kind.Plural, path.Name),
    };

    private static void Fill(JsonObject details, string name, string? value)
    {
        if (value is { Length: > 0 })
        {
            details[name] = value;
        }
    }

    public static async Task WriteJsonAsync(HttpContext http, int code, JsonNode body, string type = "application/json")
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = type;
        await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body), http.RequestAborted).ConfigureAwait(false);
    }
}
