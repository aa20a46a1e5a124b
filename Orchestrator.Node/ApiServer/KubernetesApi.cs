using System.Data.Common;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.ApiServer.Discovery;
using Orchestrator.Node.ApiServer.Monitoring;
using Orchestrator.Node.ApiServer.OpenApi;
using Orchestrator.Node.ApiServer.Reads;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer;

/// <summary>The way of every request: authenticate, find who answers the path, and answer refusals from the one table.</summary>
internal sealed partial class KubernetesApi(ApiServices services, Authenticator authenticator, ILogger<KubernetesApi> log)
{
    private readonly ResourceRouter _resources = new(services);
    private readonly OpenApiHandler _openApi = new(services.Cache.Registry);
    private readonly ResourceDiscovery _discovery = new(services.Cache.Registry);
    private readonly AggregatedDiscovery _aggregated = new(services.Cache.Registry);
    private readonly ServerMetrics _metrics = new();

    public async Task HandleAsync(HttpContext http)
    {
        var begun = services.Time.GetTimestamp();
        var route = http.Request.Path.Value ?? "/";
        var path = ResourcePath.Parse(route, services.Cache.Registry);
        _metrics.Requests.Begun(http, path);
        try
        {
            await AnswerAsync(http, route, path).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left; there is nobody to answer.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            var refusal = e as ApiException ?? new ApiException(ErrorOf(http, e));
            await StatusErrors.WriteAsync(http, refusal, path).ConfigureAwait(false);
        }
        finally
        {
            _metrics.Requests.Ended(http, path, services.Time.GetElapsedTime(begun));
        }
    }

    private async Task AnswerAsync(HttpContext http, string route, ResourcePath? path)
    {
        var isGet = HttpMethods.IsGet(http.Request.Method);
        if (await Health.HandleAsync(http, route, services).ConfigureAwait(false))
        {
            return;
        }

        if (isGet && route == "/version")
        {
            await StatusErrors.WriteJsonAsync(http, 200, ResourceDiscovery.Version).ConfigureAwait(false);
            return;
        }

        var user = authenticator.User(http);
        if (isGet && route == "/metrics")
        {
            await _metrics.HandleAsync(http, services).ConfigureAwait(false);
            return;
        }

        if (services.NotReadyReason() is { } reason)
        {
            throw new ApiException(ApiReason.ServiceUnavailable, $"the server is not ready: {reason}");
        }

        if (path is not null)
        {
            Queries.CheckAccept(http, route);
            await _resources.HandleAsync(http, path, user).ConfigureAwait(false);
        }
        else if (isGet && _discovery.Find(route) is { } found)
        {
            if (!await _aggregated.HandleAsync(http, route).ConfigureAwait(false))
            {
                await StatusErrors.WriteJsonAsync(http, 200, found).ConfigureAwait(false);
            }
        }
        else if (!await _openApi.HandleAsync(http, route).ConfigureAwait(false) && !await HistoryHandler.HandleAsync(http, services.Cache.Registry, services.Journal, route).ConfigureAwait(false))
        {
            throw new ApiException(ApiReason.NotFound, UnservedKinds.Sentence(route, services.Cache.Registry));
        }
    }

    // What the decoders refuse is an ApiException already: whatever else is thrown is not the client's doing.
    private ApiError ErrorOf(HttpContext http, Exception e)
    {
        switch (e)
        {
            case BadHttpRequestException { StatusCode: 413 }:
                return new ApiError(ApiReason.RequestEntityTooLarge, e.Message);
            case BadHttpRequestException:
                return new ApiError(ApiReason.BadRequest, e.Message);
            case DbException or TimeoutException:
                return new ApiError(ApiReason.ServiceUnavailable, $"the journal cannot be read: {e.Message} Try again.");
            default:
                LogFault(log, http.TraceIdentifier, http.Request.Method, http.Request.Path, e);
                return new ApiError(ApiReason.InternalError, $"an error of the server prevented the request from being handled; its log tells more under {http.TraceIdentifier}");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {Id} failed: {Method} {Path}")]
    private static partial void LogFault(ILogger log, string id, string method, string path, Exception e);
}
