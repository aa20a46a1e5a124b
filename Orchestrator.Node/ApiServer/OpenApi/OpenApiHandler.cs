using System.IO.Compression;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.OpenApi;

/// <summary>Answers <c>/openapi/…</c>.</summary>
internal sealed class OpenApiHandler(ResourceRegistry registry)
{
    private (long Version, OpenApiDocuments Documents)? _made;
    private readonly Lock _gate = new();

    // Anew whenever a kind was added, changed or removed.
    private OpenApiDocuments Documents
    {
        get
        {
            lock (_gate)
            {
                var version = registry.Version;
                if (_made is not { } made || made.Version != version)
                {
                    _made = made = (version, new OpenApiDocuments(registry.Served, ModelDescriptions.DefaultPath));
                }

                return made.Documents;
            }
        }
    }

    /// <summary>Whether the path was one of OpenAPI's, and is answered.</summary>
    public async Task<bool> HandleAsync(HttpContext http, string route)
    {
        if (!route.StartsWith("/openapi/", StringComparison.Ordinal) || !HttpMethods.IsGet(http.Request.Method))
        {
            return false;
        }

        var documents = Documents;
        var path = route["/openapi/".Length..].TrimEnd('/');
        var asProtobuf = path == "v2" && http.Request.Headers.Accept.ToString().Contains(ProtobufDocument.MediaType, StringComparison.Ordinal);
        var tag = $"\"{documents.Hash}{(asProtobuf ? "-pb" : "")}\"";
        http.Response.Headers.ETag = tag;
        http.Response.Headers.Vary = "Accept-Encoding, Accept";
        if (http.Request.Headers.IfNoneMatch.ToString().Contains(tag, StringComparison.Ordinal))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return true;
        }

        http.Response.ContentType = asProtobuf ? ProtobufDocument.ContentType : "application/json";
        if (path == "v3")
        {
            await http.Response.Body.WriteAsync(documents.Index(), http.RequestAborted).ConfigureAwait(false);
            return true;
        }

        var zipped = await Task.Run(() => documents.Find(asProtobuf ? OpenApiDocuments.Protobuf : path == "v2" ? path : path.StartsWith("v3/", StringComparison.Ordinal) ? path[3..] : ""), http.RequestAborted)
            .ConfigureAwait(false) ?? throw new ApiException(ApiReason.NotFound, "the server could not find the requested resource");
        if (http.Request.Query["hash"].ToString() == documents.Hash)
        {
            http.Response.Headers.CacheControl = "public, immutable";
        }

        if (http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            http.Response.Headers.ContentEncoding = "gzip";
            http.Response.ContentLength = zipped.Length;
            await http.Response.Body.WriteAsync(zipped, http.RequestAborted).ConfigureAwait(false);
            return true;
        }

        using var packed = new MemoryStream(zipped);
        using var plain = new GZipStream(packed, CompressionMode.Decompress);
        await plain.CopyToAsync(http.Response.Body, http.RequestAborted).ConfigureAwait(false);
        return true;
    }
}
