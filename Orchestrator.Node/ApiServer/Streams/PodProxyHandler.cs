using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;
using Yarp.ReverseProxy.Forwarder;
using k8s.Models;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary><c>pods/NAME:PORT/proxy/PATH</c>: passes a request on to a port of a pod (Kubernetes, "Access Services Running on Clusters").</summary>
internal sealed class PodProxyHandler(ApiServices services)
{
    private const int UsualPort = 80;
    private static readonly ForwarderRequestConfig Config = new() { ActivityTimeout = TimeSpan.FromMinutes(5) };

    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var named = ProxyTarget.Of(request.Path.Name!);
        var target = await PodTarget.OfAsync(services, http, request with { Resource = request.Path with { Name = named.Name } }).ConfigureAwait(false);
        if (ProxyTarget.Rest(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) is not { } rest)
        {
            if (request.Verb is not ("get" or "head"))
            {
                throw new ApiException(ApiReason.BadRequest, $"the path must have a slash after proxy: {request.Route}/");
            }

            // So that the links of the page are relative to it.
            http.Response.Redirect(request.Route + "/", permanent: true);
            return;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        var port = named.Port ?? target.Pod.As<V1Pod>().Spec.Containers.SelectMany(c => c.Ports ?? []).FirstOrDefault()?.ContainerPort ?? UsualPort;
        using var client = Client(new OpenPort(target.Pod.Uid, port), target.Node);
        var forwarder = http.RequestServices.GetRequiredService<IHttpForwarder>();
        var passing = new PodProxyTransformer(new Uri($"{named.Scheme}://{target.Pod.Name}:{port}{rest}"), ProxyTarget.Prefix(request.Route));
        if (await forwarder.SendAsync(http, $"{named.Scheme}://{target.Pod.Name}:{port}", client, Config, passing).ConfigureAwait(false) != ForwarderError.None && !http.Response.HasStarted)
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
