using System.Globalization;
using System.Net;
using k8s.Models;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.Agent.Probes;

/// <summary>An <c>httpGet</c> of a container, as probes and hooks have it. Certificates are not checked, redirections not followed.</summary>
internal static class HttpAction
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        SslOptions = new() { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    });

    /// <summary>Asks, and reads no more than the headers.</summary>
    /// <param name="get">What is asked for.</param>
    /// <param name="container">Whose ports may be named.</param>
    /// <param name="podIp">Where it is, unless the action says so itself.</param>
    /// <param name="agent">Who asks: <c>kube-probe</c> or <c>kube-lifecycle</c>.</param>
    /// <param name="cancellation">Bounds the answer.</param>
    /// <exception cref="HttpRequestException">Nobody answers.</exception>
    /// <exception cref="ArgumentException">The port has no such name.</exception>
    public static async Task<HttpStatusCode> GetAsync(V1HTTPGetAction get, V1Container container, string? podIp, string agent, CancellationToken cancellation)
    {
        var uri = new UriBuilder(get.Scheme is { Length: > 0 } scheme ? scheme.ToLowerInvariant() : "http", get.Host ?? podIp ?? "", Port(get.Port, container)).Uri;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(uri, get.Path ?? "/"));
        request.Headers.TryAddWithoutValidation("User-Agent", $"{agent}/{Release.Major}.{Release.Minor}");
        foreach (var header in get.HttpHeaders ?? [])
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        return response.StatusCode;
    }

    /// <summary>A port by its number or its name.</summary>
    /// <exception cref="ArgumentException">The container has none of that name.</exception>
    public static int Port(IntOrString port, V1Container container) =>
        int.TryParse(port.Value, CultureInfo.InvariantCulture, out var number)
            ? number
            : container.Ports?.FirstOrDefault(p => p.Name == port.Value)?.ContainerPort
                ?? throw new ArgumentException($"the container has no port named {port.Value}");
}
