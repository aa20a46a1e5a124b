using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Api.Selectors;
using Orchestrator.Actors.Validation;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>Query parameters that have a form of their own.</summary>
internal static class Queries
{
    /// <summary>Whether a read of a collection is a watch of it.</summary>
    public static bool IsWatch(HttpContext http) => http.Request.Query["watch"] is ["true" or "1"];

    /// <summary>A list's limit; null when there is none.</summary>
    public static int? Limit(HttpContext http) => Whole(http, "limit") is > 0 and var limit ? (int)Math.Min(limit, int.MaxValue - 1) : null;

    /// <summary>A whole number of at least 0; null when absent.</summary>
    public static long? Whole(HttpContext http, string name)
    {
        var text = http.Request.Query[name].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            throw new ApiException(ApiReason.BadRequest, $"the query parameter {name} must be a whole number: \"{text}\" is none");
        }

        return number >= 0 ? number : throw new ApiException(ApiReason.BadRequest, $"the query parameter {name} must be greater than or equal to 0");
    }

    /// <summary>The version that a list or watch starts from; null for none.</summary>
    public static long? ResourceVersion(HttpContext http)
    {
        var text = http.Request.Query["resourceVersion"].ToString();
        return text.Length == 0 ? null : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw new ApiException(ApiReason.BadRequest, $"resourceVersion: Invalid value: \"{text}\": use one that a read returned");
    }

    /// <summary>Whether nothing is to be stored, by the query or by the options in a body.</summary>
    public static bool IsDryRun(HttpContext http, JsonNode? inBody = null)
    {
        if (inBody is null && http.Request.Query["dryRun"].Count == 0)
        {
            return false;
        }

        string[] values = [.. http.Request.Query["dryRun"].Select(v => v ?? ""), .. (inBody as JsonArray ?? []).Select(v => v?.ToString() ?? "")];
        return values.Length > 0 && (Array.Find(values, v => v != "All") is not { } other ? true : throw Option(http, "dryRun", other, "\"All\""));
    }

    /// <summary>Refuses a client that takes no JSON; logs are text for whoever asks.</summary>
    public static void CheckAccept(HttpContext http, string route)
    {
        var accept = http.Request.Headers.Accept.ToString();
        if (accept.Length > 0 && !accept.Contains("json", StringComparison.Ordinal) && !accept.Contains("*/*", StringComparison.Ordinal)
            && !accept.Contains("application/*", StringComparison.Ordinal) && !route.EndsWith("/log", StringComparison.Ordinal))
        {
            throw new ApiException(ApiReason.NotAcceptable, "only the following media types are accepted: application/json");
        }
    }

    /// <summary>Refuses keys and values that no label can have.</summary>
    public static void CheckLabels(LabelSelector selector)
    {
        foreach (var (key, values) in selector.Requirements)
        {
            if (Names.LabelKey(key) is { } wrong)
            {
                throw new ApiException(ApiReason.BadRequest, $"unable to parse requirement: key: Invalid value: \"{key}\": {wrong}");
            }

            for (var i = 0; i < values.Length; i++)
            {
                if (Names.LabelValue(values[i]) is { } error)
                {
                    throw new ApiException(ApiReason.BadRequest, $"unable to parse requirement: values[{i}][{key}]: Invalid value: \"{values[i]}\": {error}");
                }
            }
        }
    }

    /// <summary>The refusal of a request option's value.</summary>
    public static ApiException Option(HttpContext http, string name, string value, string supported)
    {
        var options = http.Request.Method switch { "GET" => "ListOptions", "POST" => "CreateOptions", "PUT" => "UpdateOptions", "DELETE" => "DeleteOptions", _ => "PatchOptions" };
        var message = $"Unsupported value: \"{value}\": supported values: {supported}";
        return new ApiException(new ApiError(ApiReason.Invalid, $"{options}.meta.k8s.io \"\" is invalid: {name}: {message}",
            [new ApiCause(name, "FieldValueNotSupported", message)]))
        { Subject = new("meta.k8s.io", options, null) };
    }
}
