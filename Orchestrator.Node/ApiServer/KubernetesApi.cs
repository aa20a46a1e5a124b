using System.Text.Json;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Node.ApiServer.Monitoring;

namespace Orchestrator.Node.ApiServer;

/// <summary>Everything a handler needs from its host.</summary>
internal sealed record ApiServices(IObjectStore Store, IObjectCache Cache, JournalTable Journal, TimeProvider Time, IIdSource Ids, Func<string?> NotReadyReason, Func<Akka.Actor.IActorRef> Gateway);

/// <summary>The route of every request: authenticate, find the resource, run the verb, answer refusals from the one table.</summary>
internal sealed partial class KubernetesApi(ApiServices services, Auth.Authenticator authenticator, ILogger<KubernetesApi> log)
{
    private readonly ReadHandlers _reads = new(services);
    private readonly WriteHandlers _writes = new(services);
    private readonly LogHandlers _logs = new(services);
    private readonly OpenApi.OpenApiHandler _openApi = new();
    private readonly ServerMetrics _metrics = new();

    public async Task HandleAsync(HttpContext http)
    {
        var begun = services.Time.GetTimestamp();
        ResourcePath? path = null;
        _metrics.Begun();
        try
        {
            path = await AnswerAsync(http).ConfigureAwait(false);
        }
        finally
        {
            _metrics.Ended(http, path, services.Time.GetElapsedTime(begun));
        }
    }

    private async Task<ResourcePath?> AnswerAsync(HttpContext http)
    {
        ResourcePath? path = null;
        try
        {
            var route = http.Request.Path.Value ?? "/";
            if (await PublicAsync(http, route).ConfigureAwait(false))
            {
                return null;
            }

            var user = authenticator.User(http) ?? throw new ApiException(ApiReason.Unauthorized, "Unauthorized");
            if (services.NotReadyReason() is { } reason)
            {
                throw new ApiException(ApiReason.ServiceUnavailable, $"the server is not ready: {reason}");
            }

            if (await _openApi.HandleAsync(http, route).ConfigureAwait(false) || await AggregatedDiscovery.HandleAsync(http, route).ConfigureAwait(false))
            {
                return null;
            }

            if (Discovery.Find(route) is { } found && HttpMethods.IsGet(http.Request.Method))
            {
                await StatusErrors.WriteJsonAsync(http, 200, found).ConfigureAwait(false);
            }
            else if (route == "/metrics" && HttpMethods.IsGet(http.Request.Method))
            {
                http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
                await _metrics.WriteAsync(http.Response.Body, services.Cache, http.RequestAborted).ConfigureAwait(false);
            }
            else if (route.StartsWith("/apis/history.orchestrator.io/v1/", StringComparison.Ordinal))
            {
                await History.HandleAsync(http, services.Journal, route).ConfigureAwait(false);
            }
            else
            {
                Queries.CheckAccept(http, route);
                path = ResourcePath.Parse(route) ?? throw new ApiException(ApiReason.NotFound, "the server could not find the requested resource");
                await ResourceAsync(http, path, user).ConfigureAwait(false);
            }
        }
        catch (ApiException e) when (!http.Response.HasStarted)
        {
            await StatusErrors.WriteAsync(http, e, path).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left; there is nobody to answer.
        }
        catch (Exception e) when (e is System.Data.Common.DbException or TimeoutException && !http.Response.HasStarted)
        {
            await StatusErrors.WriteAsync(http, new ApiError(ApiReason.ServiceUnavailable, $"the journal cannot be read: {e.Message} Try again."), path)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException or FormatException && !http.Response.HasStarted)
        {
            // JSON nodes refuse a value of another type than asked for with these.
            LogMalformed(log, http.Request.Path, e);
            await StatusErrors.WriteAsync(http, new ApiError(ApiReason.BadRequest, $"the request cannot be handled: {e.Message}"), path)
                .ConfigureAwait(false);
        }

        return path;
    }

    private Task ResourceAsync(HttpContext http, ResourcePath path, string user)
    {
        var allowed = Subresources.Methods(path);
        if (!allowed.Contains(http.Request.Method))
        {
            http.Response.Headers.Allow = string.Join(", ", allowed);
            throw new ApiException(ApiReason.MethodNotAllowed, "the server does not allow this method on the requested resource");
        }

        return RunAsync(http, path, user);
    }

    private Task RunAsync(HttpContext http, ResourcePath path, string user) => (http.Request.Method, path.Name, path.Subresource) switch
    {
        ("GET", null, _) when http.Request.Query["watch"] is ["true" or "1"] => _reads.WatchAsync(http, path),
        ("GET", null, _) => _reads.ListAsync(http, path),
        ("GET", _, "scale") => _writes.GetScaleAsync(http, path),
        ("GET", _, "log") => _logs.LogAsync(http, path, user),
        ("GET", _, "" or "status") => _reads.GetAsync(http, path, user),
        ("POST", null, "") => _writes.CreateAsync(http, path, user),
        ("POST", _, "binding") => _writes.BindAsync(http, path, user),
        ("POST", _, "eviction") => _writes.DeleteAsync(http, path, user),
        ("PUT", _, "finalize") => _writes.FinalizeAsync(http, path, user),
        ("PUT" or "PATCH", not null, "scale") => _writes.ScaleAsync(http, path, user),
        ("PUT", not null, "" or "status") => _writes.ReplaceAsync(http, path, user),
        ("PATCH", not null, "" or "status") => _writes.PatchAsync(http, path, user),
        ("DELETE", not null, "") => _writes.DeleteAsync(http, path, user),
        ("DELETE", null, "") => _writes.DeleteCollectionAsync(http, path, user),
        _ => throw new InvalidOperationException($"no handler for {http.Request.Method} {http.Request.Path}"),
    };

    private async Task<bool> PublicAsync(HttpContext http, string route)
    {
        switch (route)
        {
            case "/version":
                await StatusErrors.WriteJsonAsync(http, 200, Discovery.Version).ConfigureAwait(false);
                return true;
            default:
                return await Health.HandleAsync(http, route, services.NotReadyReason()).ConfigureAwait(false);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Malformed request for {Path}")]
    private static partial void LogMalformed(ILogger log, string path, Exception e);
}
