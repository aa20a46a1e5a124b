using System.Globalization;
using System.Net;
using k8s.Models;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.Agent.Probes;

/// <summary>Sends the <c>httpGet</c> request of a probe or hook. Certificates are not verified and redirects are not followed.</summary>
internal static class HttpAction
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        SslOptions = new() { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    });

    /// <summary>Sends the request and reads only the headers.</summary>
    /// <param name="get">The action.</param>
    /// <param name="container">Container whose named ports can be used.</param>
    /// <param name="podIp">IP of the pod, used if the action has no host.</param>
    /// <param name="agent">User agent: <c>kube-probe</c> or <c>kube-lifecycle</c>.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="HttpRequestException">There is no successful response.</exception>
    /// <exception cref="ArgumentException">There is no port of this name.</exception>
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

    /// <summary>Resolves a port number or name.</summary>
    /// <exception cref="ArgumentException">The container has no port of this name.</exception>
    public static int Port(IntOrString port, V1Container container) =>
        int.TryParse(port.Value, CultureInfo.InvariantCulture, out var number)
            ? number
            : container.Ports?.FirstOrDefault(p => p.Name == port.Value)?.ContainerPort
                ?? throw new ArgumentException($"the container has no port named {port.Value}");
}
