using System.Collections.Immutable;
using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Actors.Kinds.Ingresses;
using Yarp.ReverseProxy.Forwarder;

namespace Orchestrator.Node.Ingress;

/// <summary>Sends a request to an endpoint of its backend, and to another one if nothing of it has reached the first.</summary>
/// <param name="connections">The connections to endpoints.</param>
/// <param name="loads">How busy they are.</param>
internal sealed class IngressForwarder(BackendConnections connections, EndpointLoads loads)
{
    private const int MostAttempts = 4;

    /// <summary>Sends a request and passes on the answer. Without one the status says why.</summary>
    /// <param name="http">The request.</param>
    /// <param name="route">Its route.</param>
    /// <param name="endpoints">The endpoints of the route.</param>
    /// <returns>The endpoint that it was sent to last; null if there is none.</returns>
    public async Task<string?> SendAsync(HttpContext http, IngressRoute route, ServiceEndpoints endpoints)
    {
        var (forwarder, protocol) = (http.RequestServices.GetRequiredService<IHttpForwarder>(), route.Settings.Protocol ?? endpoints.Protocol);
        var (config, transformer) = (ConfigOf(protocol, route.Settings), new IngressTransformer(route.Settings));
        var tried = ImmutableHashSet<string>.Empty;
        string? last = null;
        while (loads.Choose(endpoints.Addresses, tried) is { } address)
        {
            (last, tried) = (address, tried.Add(address));
            ForwarderError error;
            using (loads.Begin(address))
            {
                error = await forwarder.SendAsync(http, $"{(protocol == BackendProtocol.Https ? "https" : "http")}://{address}", connections.Invoker, config, transformer, http.RequestAborted).ConfigureAwait(false);
            }

            if (error == ForwarderError.None || http.Response.HasStarted)
            {
                return last;
            }

            var fault = http.GetForwarderErrorFeature()?.Exception;
            var isUnreached = Has<EndpointUnreachableException>(fault);
            if (isUnreached)
            {
                loads.Shun(address);
            }

            if (Has<BadHttpRequestException>(fault) && fault is not null && Find<BadHttpRequestException>(fault) is { } bad)
            {
                http.Response.StatusCode = bad.StatusCode;
            }

            // Only the first of those that nobody has seen: the status stays that of the last one.
            if (tried.Count == MostAttempts || tried.Count == endpoints.Addresses.Length || http.RequestAborted.IsCancellationRequested || !(isUnreached || MayRepeat(http.Request, error)))
            {
                return last;
            }

            http.Response.Clear();
        }

        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return last;
    }

    // A connection that broke before anything of the answer went on: an endpoint may have seen the request, which does no harm to one that only reads.
    private static bool MayRepeat(HttpRequest request, ForwarderError error) => error is ForwarderError.Request or ForwarderError.ResponseBodyDestination
        && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
        && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false;

    private static ForwarderRequestConfig ConfigOf(BackendProtocol protocol, IngressSettings settings) => new()
    {
        ActivityTimeout = settings.ReadTimeout,
        Version = protocol == BackendProtocol.Http ? HttpVersion.Version11 : HttpVersion.Version20,
        VersionPolicy = protocol == BackendProtocol.Https ? HttpVersionPolicy.RequestVersionOrLower : HttpVersionPolicy.RequestVersionExact,
    };

    private static bool Has<T>(Exception? fault) where T : Exception => fault is not null && Find<T>(fault) is not null;

    private static T? Find<T>(Exception fault) where T : Exception => fault as T ?? (fault is AggregateException many ? many.InnerExceptions.Select(Find<T>).FirstOrDefault(f => f is not null)
        : fault.InnerException is { } inner ? Find<T>(inner) : null);
}
