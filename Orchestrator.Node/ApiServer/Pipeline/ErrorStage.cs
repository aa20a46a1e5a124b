using System.Data.Common;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Pipeline;

/// <summary>Answers what later stages throw: errors of clients from the one table, faults of ours with an id that the log has too.</summary>
internal sealed partial class ErrorStage(ILogger log) : IRequestStage
{
    public async Task HandleAsync(HttpContext http, RequestInfo request, NextStage next)
    {
        try
        {
            await next(http, request).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left; there is nobody to answer.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await StatusErrors.WriteAsync(http, e as ApiException ?? new ApiException(ErrorOf(http, e)), request.Resource).ConfigureAwait(false);
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
