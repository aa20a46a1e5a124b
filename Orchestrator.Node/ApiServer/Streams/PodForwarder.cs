using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;
using Yarp.ReverseProxy.Forwarder;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>Passes requests on to ports of pods, through the agents of their nodes.</summary>
internal sealed class PodForwarder(ApiServices services)
{
    private static readonly ForwarderRequestConfig Config = new() { ActivityTimeout = TimeSpan.FromMinutes(5) };

    /// <summary>Passes on what follows <c>/proxy</c> of a request, and the answer back.</summary>
    /// <param name="http">The request.</param>
    /// <param name="request">What it asks for.</param>
    /// <param name="scheme"><c>http</c> or <c>https</c>.</param>
    /// <param name="target">The pod.</param>
    /// <param name="port">Its port.</param>
    /// <exception cref="ApiException">The port cannot be reached.</exception>
    public async Task ForwardAsync(HttpContext http, RequestInfo request, string scheme, PodTarget target, int port)
    {
        var rest = ProxyTarget.Rest(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        if (!rest.StartsWith('/'))
        {
            if (request.Verb is "get" or "head")
            {
                // So that the links of the page are relative to it.
                http.Response.Redirect($"{request.Route}/{rest}", permanent: true);
                return;
            }

            rest = "/" + rest;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        using var client = Client(new OpenPort(target.Pod.Uid, port), target.Node);
        var forwarder = http.RequestServices.GetRequiredService<IHttpForwarder>();
        var passing = new PodProxyTransformer(new Uri($"{scheme}://{target.Pod.Name}:{port}{rest}"), ProxyTarget.Prefix(request.Route));
        if (await forwarder.SendAsync(http, $"{scheme}://{target.Pod.Name}:{port}", client, Config, passing).ConfigureAwait(false) != ForwarderError.None && !http.Response.HasStarted)
        {
            var fault = http.GetForwarderErrorFeature()?.Exception;
            throw new ApiException(ApiReason.ServiceUnavailable, $"error trying to reach port {port} of pod {target.Pod.Name}: {Cause(fault)}") { SaysWhenToRepeat = false };
        }
    }

    // A connection of its own for each request: a pod may be another one the next time.
    private HttpMessageInvoker Client(OpenPort open, string node) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,

        // As Kubernetes' proxy: pods have certificates of their own making.
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        ConnectCallback = async (_, cancellation) => new PortStream(await NodeStream.OpenAsync(services, node, open, cancellation).ConfigureAwait(false)),
    });

    private static string Cause(Exception? fault)
    {
        for (var e = fault; e is not null; e = e.InnerException)
        {
            if (e is ApiException or AuthenticationException)
            {
                return e is ApiException ? e.Message : "it does not speak TLS as it should";
            }
        }

        return fault?.Message ?? "no answer";
    }
}
