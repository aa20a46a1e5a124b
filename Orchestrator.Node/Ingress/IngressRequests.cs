using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Orchestrator.Node.Ingress;

/// <summary>Answers requests: 404 if no rule matches, 503 if nobody is behind it, and otherwise what its backend says.</summary>
/// <param name="state">What is done with requests.</param>
/// <param name="forwarder">Sends them to backends.</param>
/// <param name="time">The clock.</param>
/// <param name="httpsPort">The port for requests with TLS; 0 if there is none.</param>
/// <param name="ended">Called for each request that has ended.</param>
internal sealed class IngressRequests(IngressState state, IngressForwarder forwarder, TimeProvider time, int httpsPort, Action<AnsweredRequest> ended)
{
    private const int UsualHttpsPort = 443;
    private const int ClientGone = 499; // As web servers say it in their logs.

    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        var began = time.GetTimestamp();
        var original = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var body = new CountedBody(original.Stream);
        http.Response.Body = body;
        var now = state.Now;
        var route = now.Plan.Routes.Find(http.Request.Host.Host, PathOf(http.Request));
        string? upstream = null;
        Exception? fault = null;
        try
        {
            upstream = await AnswerAsync(http, route, now).ConfigureAwait(false);
            await ExplainAsync(http).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone.
        }
        catch (Exception e)
        {
            // A fault of this program: it is told in the log.
            fault = e;
            http.Response.StatusCode = http.Response.HasStarted ? http.Response.StatusCode : StatusCodes.Status502BadGateway;
        }
        finally
        {
            http.Features.Set(original);
            var code = http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted ? ClientGone : http.Response.StatusCode;
            ended(new AnsweredRequest(http.Request.Method, http.Request.Host.Host, PathOf(http.Request), code, body.Bytes, time.GetElapsedTime(began), route, upstream, fault) { Obstacle = code >= StatusCodes.Status502BadGateway ? Obstacle(http, upstream) : null });
        }
    }

    private async Task<string?> AnswerAsync(HttpContext http, IngressRoute? route, IngressSnapshot now)
    {
        var (request, response) = (http.Request, http.Response);
        if (route is null)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (!request.IsHttps && httpsPort > 0 && route.RedirectsToTls(request.Host.Host))
        {
            response.StatusCode = StatusCodes.Status308PermanentRedirect;
            response.Headers.Location = string.Create(CultureInfo.InvariantCulture, $"https://{request.Host.Host}{(httpsPort == UsualHttpsPort ? "" : $":{httpsPort}")}{request.Path.ToUriComponent()}{request.QueryString.ToUriComponent()}");
        }
        else if (HttpMethods.IsConnect(request.Method) && http.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect != true)
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed; // A tunnel to somewhere else; a websocket of HTTP/2 is none.
        }
        else if (request.ContentLength > route.Settings.MaxBodySize)
        {
            response.StatusCode = StatusCodes.Status413PayloadTooLarge;
        }
        else
        {
            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            {
                size.MaxRequestBodySize = route.Settings.MaxBodySize;
            }

            return await forwarder.SendAsync(http, route, route.Backend is { } port && now.Endpoints.TryGetValue(port, out var endpoints) ? endpoints : ServiceEndpoints.None).ConfigureAwait(false);
        }

        return null;
    }

    // What a backend says is its own, an empty answer as well.
    private static async Task ExplainAsync(HttpContext http)
    {
        var response = http.Response;
        if (response.HasStarted || response.StatusCode < StatusCodes.Status400BadRequest || HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        var text = string.Create(CultureInfo.InvariantCulture, $"{response.StatusCode} {ReasonPhrases.GetReasonPhrase(response.StatusCode)}\n");
        (response.ContentType, response.ContentLength) = ("text/plain; charset=utf-8", text.Length);
        await response.WriteAsync(text, http.RequestAborted).ConfigureAwait(false);
    }

    // Why there is no answer of the backend, for whoever reads the log.
    private static string Obstacle(HttpContext http, string? upstream)
    {
        if (upstream is null)
        {
            return "the backend has no endpoint";
        }

        var found = http.GetForwarderErrorFeature();
        return found?.Exception?.GetBaseException().Message is { } message ? $"{found.Error}: {message}" : "the backend says so";
    }

    private static string PathOf(HttpRequest request) => request.Path.HasValue ? request.Path.Value : "/";
}

/// <summary>A request that has ended.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Host">The host that was asked.</param>
/// <param name="Path">Its path, without the query.</param>
/// <param name="Code">The status of the answer; 499 if the client went before there was one.</param>
/// <param name="Bytes">Bytes of the answer's body.</param>
/// <param name="Took">Time until the end of the answer.</param>
/// <param name="Route">Its route; null if there is none.</param>
/// <param name="Upstream">The endpoint that it was sent to last; null for none.</param>
/// <param name="Fault">What went wrong in this program; null as it should be.</param>
internal sealed record AnsweredRequest(string Method, string Host, string Path, int Code, long Bytes, TimeSpan Took, IngressRoute? Route, string? Upstream, Exception? Fault)
{
    /// <summary>Why there is no answer of a backend; null if there is, or nobody was asked.</summary>
    public string? Obstacle { get; init; }
}
