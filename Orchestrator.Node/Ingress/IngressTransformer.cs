using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Actors.Kinds.Ingresses;
using Yarp.ReverseProxy.Forwarder;

namespace Orchestrator.Node.Ingress;

/// <summary>What differs between the request of a client and the one that a backend gets: who asked, and how, is said by the ingress alone. What the client says of it is dropped.</summary>
/// <param name="settings">Settings of the Ingress.</param>
internal sealed class IngressTransformer(IngressSettings settings) : HttpTransformer
{
    private const string ForwardedPrefix = "X-Forwarded-";
    private static readonly UriCreationOptions AsIs = new() { DangerousDisablePathAndQueryCanonicalization = true };
    private static readonly string[] Dotted = ["/.", "/%2e"];
    private static readonly string[] Claims = ["Forwarded", "X-Real-IP", "X-Original-Forwarded-For"];

    /// <inheritdoc/>
    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
        proxyRequest.RequestUri = Asked(httpContext, destinationPrefix) ?? proxyRequest.RequestUri;
        var headers = proxyRequest.Headers;
        foreach (var name in headers.NonValidated.Select(h => h.Key).Where(IsClaim).ToList())
        {
            headers.Remove(name);
        }

        var request = httpContext.Request;
        headers.TryAddWithoutValidation($"{ForwardedPrefix}For", Text(httpContext.Connection.RemoteIpAddress));
        headers.TryAddWithoutValidation($"{ForwardedPrefix}Proto", request.Scheme);
        headers.TryAddWithoutValidation($"{ForwardedPrefix}Host", request.Host.Value);
        proxyRequest.Options.Set(BackendConnections.ConnectTimeout, settings.ConnectTimeout);
    }

    // As it was asked, so that an escaped slash stays one. With steps back it goes on as the rules saw it, without them.
    private static Uri? Asked(HttpContext http, string prefix) =>
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget is ['/', ..] target && !Dotted.Any(d => target.Contains(d, StringComparison.OrdinalIgnoreCase)) ? new Uri(prefix + target, AsIs) : null;

    private static bool IsClaim(string name) => name.StartsWith(ForwardedPrefix, StringComparison.OrdinalIgnoreCase) || Claims.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static string Text(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString() ?? "unknown";
}
