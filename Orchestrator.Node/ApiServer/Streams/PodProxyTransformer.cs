using System.IO.Compression;
using Yarp.ReverseProxy.Forwarder;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>What differs between a request to the API server and the one that a pod gets.</summary>
/// <param name="target">The address of the pod with path and query.</param>
/// <param name="prefix">What stands before the path for the client.</param>
internal sealed class PodProxyTransformer(Uri target, string prefix) : HttpTransformer
{
    // Who asks is none of the pod's business: it could ask in their name.
    private static readonly string[] Secret = ["Authorization", "Impersonate-User", "Impersonate-Group", "Impersonate-Uid"];

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
        proxyRequest.RequestUri = target;
        proxyRequest.Headers.Host = null;
        foreach (var name in proxyRequest.Headers.Select(h => h.Key).Where(IsSecret).ToList())
        {
            proxyRequest.Headers.Remove(name);
        }

        foreach (var (name, value) in ((string, string?)[])[("X-Forwarded-Uri", httpContext.Request.Path.Value), ("X-Forwarded-Host", httpContext.Request.Host.Value), ("X-Forwarded-Proto", httpContext.Request.Scheme)])
        {
            proxyRequest.Headers.Remove(name);
            proxyRequest.Headers.TryAddWithoutValidation(name, value);
        }
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        var has = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken).ConfigureAwait(false);
        if (httpContext.Response.Headers.Location.ToString() is ['/', not '/', ..] or "/" && httpContext.Response.Headers.Location.ToString() is var path)
        {
            httpContext.Response.Headers.Location = prefix + path;
        }

        if (!has || proxyResponse?.Content.Headers.ContentType?.MediaType != "text/html" || HttpMethods.IsHead(httpContext.Request.Method))
        {
            return has;
        }

        var encoding = string.Join(',', proxyResponse.Content.Headers.ContentEncoding);
        if (encoding is not ("" or "gzip"))
        {
            return true;
        }

        // It becomes longer. Nothing but the client bounds how long it comes.
        httpContext.Response.Headers.ContentLength = null;
        var (from, to) = (await proxyResponse.Content.ReadAsStreamAsync(httpContext.RequestAborted).ConfigureAwait(false), httpContext.Response.Body);
        if (encoding.Length == 0)
        {
            await PageLinks.CopyAsync(from, to, prefix, httpContext.RequestAborted).ConfigureAwait(false);
            return false;
        }

        var (plain, packed) = (new GZipStream(from, CompressionMode.Decompress), new GZipStream(to, CompressionLevel.Fastest, leaveOpen: true));
        await using (plain.ConfigureAwait(false))
        await using (packed.ConfigureAwait(false))
        {
            await PageLinks.CopyAsync(plain, packed, prefix, httpContext.RequestAborted).ConfigureAwait(false);
        }

        return false;
    }

    private static bool IsSecret(string name) => Secret.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("Impersonate-Extra-", StringComparison.OrdinalIgnoreCase);
}
