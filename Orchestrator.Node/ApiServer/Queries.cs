using System.Globalization;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.ApiServer;

/// <summary>Query parameters that have a form of their own.</summary>
internal static class Queries
{
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

    public static bool IsDryRun(HttpContext http)
    {
        var values = http.Request.Query["dryRun"];
        return values.Count switch
        {
            0 => false,
            _ when values.All(v => v == "All") => true,
            _ => throw new ApiException(Option(http, "dryRun", values.First(v => v != "All")!, "\"All\"")),
        };
    }

    /// <summary>Refuses a field selector over a field that the kind does not offer for it.</summary>
    public static void CheckFields(HttpContext http, KindInfo kind)
    {
        foreach (var term in http.Request.Query["fieldSelector"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var field = term.Split('=')[0].TrimEnd('!').Trim();
            if (field is not ("metadata.name" or "metadata.namespace") && !Fields(kind).Contains(field))
            {
                throw new ApiException(ApiReason.BadRequest, $"field label not supported: {field}");
            }
        }
    }

    /// <summary>The refusal of a request option's value.</summary>
    public static ApiError Option(HttpContext http, string name, string value, string supported)
    {
        var options = http.Request.Method switch { "POST" => "CreateOptions", "PUT" => "UpdateOptions", "DELETE" => "DeleteOptions", _ => "PatchOptions" };
        var message = $"Unsupported value: \"{value}\": supported values: {supported}";
        return new ApiError(ApiReason.Invalid, $"{options}.meta.k8s.io \"\" is invalid: {name}: {message}", [new ApiCause(name, "FieldValueNotSupported", message)]);
    }

    private static string[] Fields(KindInfo kind) => kind.Kind switch
    {
        "Pod" => ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
            "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName"],
        "Node" => ["spec.unschedulable"],
        "Namespace" => ["status.phase", "name"],
        "Secret" => ["type"],
        "Service" => ["spec.clusterIP", "spec.type"],
        "ReplicaSet" => ["status.replicas"],
        "Event" => ["involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type"],
        _ => [],
    };
}
