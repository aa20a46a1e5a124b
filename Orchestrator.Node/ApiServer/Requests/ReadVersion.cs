using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>How new a list or watch is to be: <c>resourceVersion</c>, <c>resourceVersionMatch</c> and <c>sendInitialEvents</c>.</summary>
internal static class ReadVersion
{
    private const string Match = "resourceVersionMatch";
    private const string Initial = "sendInitialEvents";
    private const string Exact = "Exact";
    private const string NotOlderThan = "NotOlderThan";

    // As long as Kubernetes' API server waits.
    private static readonly TimeSpan ReachBound = TimeSpan.FromSeconds(3);

    /// <summary>Whether a watch is to begin with what there is; null when the client leaves it to the version.</summary>
    public static bool? SendsInitial(HttpContext http) => http.Request.Query[Initial].ToString() switch
    {
        "" => null,
        "true" or "1" => true,
        "false" or "0" => false,
        var text => throw new ApiException(ApiReason.BadRequest, $"the query parameter {Initial} must be true or false: \"{text}\" is neither"),
    };

    /// <summary>Refuses what a list cannot be asked. The rules are those of Kubernetes' ValidateListOptions.</summary>
    public static void CheckList(HttpContext http, bool isContinued)
    {
        var version = Queries.ResourceVersion(http);
        var match = http.Request.Query[Match].ToString();
        if (SendsInitial(http) is not null)
        {
            throw Forbidden(Initial, "sendInitialEvents is forbidden for list");
        }

        if (isContinued && version > 0)
        {
            throw new ApiException(ApiReason.BadRequest, "specifying resource version is not allowed when using continue");
        }

        var refusal = match.Length == 0 ? null
            : isContinued ? Forbidden(Match, "resourceVersionMatch is forbidden when continue is provided")
            : version is null ? Forbidden(Match, "resourceVersionMatch is forbidden unless resourceVersion is provided")
            : match is not (Exact or NotOlderThan) ? Queries.Option(http, Match, match, $"\"\", \"{Exact}\", \"{NotOlderThan}\"")
            : match == Exact && version == 0 ? Forbidden(Match, "resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"")
            : null;
        if (refusal is not null)
        {
            throw refusal;
        }
    }

    /// <summary>Refuses what a watch cannot be asked.</summary>
    public static void CheckWatch(HttpContext http)
    {
        var match = http.Request.Query[Match].ToString();
        if (SendsInitial(http) is null ? match.Length > 0 : match != NotOlderThan)
        {
            throw Forbidden(Match, match.Length > 0 && SendsInitial(http) is null
                ? "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
                : $"sendInitialEvents requires setting resourceVersionMatch to {NotOlderThan}");
        }
    }

    /// <summary>The version that the list must show; null if any will do that is not older.</summary>
    public static long? Exactly(HttpContext http) => http.Request.Query[Match] == Exact ? Queries.ResourceVersion(http) : null;

    /// <summary>Waits until the cache has reached the version that the request names: another host may have told it to the client.</summary>
    /// <exception cref="ApiException">It is not reached in time, as with a version that does not exist yet.</exception>
    public static Task ReachAsync(HttpContext http, IObjectCache cache, ResourceDefinition kind) =>
        Queries.ResourceVersion(http) is { } version ? ReachAsync(http, cache, kind, version) : Task.CompletedTask;

    /// <summary>Waits until the cache has reached a version.</summary>
    /// <exception cref="ApiException">It is not reached in time.</exception>
    public static async Task ReachAsync(HttpContext http, IObjectCache cache, ResourceDefinition kind, long version)
    {
        if (version <= cache.Snapshot(kind).Revision)
        {
            return;
        }

        using var bound = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        bound.CancelAfter(ReachBound);
        try
        {
            await cache.ReachedAsync(version, bound.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            const string why = "Too large resource version";
            throw new ApiException(new ApiError(ApiReason.Timeout, $"{why}: {version}, current: {cache.Snapshot(kind).Revision}", [new ApiCause("", "ResourceVersionTooLarge", why)]));
        }
    }

    private static ApiException Forbidden(string field, string why) => new(new ApiError(ApiReason.Invalid,
        $"ListOptions.meta.k8s.io \"\" is invalid: {field}: Forbidden: {why}", [new ApiCause(field, "FieldValueForbidden", $"Forbidden: {why}")]))
    { Subject = new("meta.k8s.io", "ListOptions", null) };
}
