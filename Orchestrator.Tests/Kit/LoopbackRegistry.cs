using System.Collections.Concurrent;
using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Tests.Kit;

/// <summary>An image registry on the loopback address that asks for a name and a password. It serves one image, made from scratch, under every name (OCI Distribution Specification).</summary>
internal sealed class LoopbackRegistry : IAsyncDisposable
{
    private const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json";
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<string> _logins = new();
    private readonly Dictionary<string, byte[]> _blobs = [];
    private readonly byte[] _manifest;
    private readonly string _login;
    private readonly Task _serving;

    public LoopbackRegistry(string user, string password)
    {
        _login = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        var tar = Layer();
        var layer = Zipped(tar);
        var config = Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","config":{"Cmd":["/hello"]},"rootfs":{"type":"layers","diff_ids":["{{Digest(tar)}}"]} }""");
        _manifest = Encoding.UTF8.GetBytes($$"""
            {"schemaVersion":2,"mediaType":"{{ManifestType}}","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":{{config.Length}},"digest":"{{Digest(config)}}"},
            "layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":{{layer.Length}},"digest":"{{Digest(layer)}}"}]}
            """);
        (_blobs[Digest(layer)], _blobs[Digest(config)]) = (layer, config);
        var port = FreePort.Next();
        Host = $"127.0.0.1:{port}";
        _listener.Prefixes.Add($"http://{Host}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Host and port.</summary>
    public string Host { get; }

    /// <summary>The logins that were sent, in their order.</summary>
    public IReadOnlyList<string> Logins => [.. _logins.Select(l => Encoding.UTF8.GetString(Convert.FromBase64String(l)))];

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext http;
            try
            {
                http = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Answer(http.Request, http.Response);
        }
    }

    private void Answer(HttpListenerRequest request, HttpListenerResponse response)
    {
        var login = request.Headers["Authorization"] is { } header && header.StartsWith("Basic ", StringComparison.Ordinal) ? header["Basic ".Length..] : null;
        if (login is not null)
        {
            _logins.Enqueue(login);
        }

        var path = request.Url!.AbsolutePath;
        var (code, type, body) = login != _login ? (401, "application/json", """{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"""u8.ToArray())
            : path.Contains("/manifests/", StringComparison.Ordinal) ? (200, ManifestType, _manifest)
            : path.Contains("/blobs/", StringComparison.Ordinal) && _blobs.TryGetValue(path[(path.LastIndexOf('/') + 1)..], out var blob) ? (200, "application/octet-stream", blob)
            : (path == "/v2/" ? 200 : 404, "application/json", "{}"u8.ToArray());
        response.StatusCode = code;
        response.ContentType = type;
        response.Headers["Docker-Distribution-Api-Version"] = "registry/2.0";
        if (code == 401)
        {
            response.Headers["WWW-Authenticate"] = "Basic realm=\"loopback\"";
        }

        if (code == 200 && type != "application/json")
        {
            response.Headers["Docker-Content-Digest"] = Digest(body);
        }

        response.ContentLength64 = body.Length;
        if (request.HttpMethod != "HEAD")
        {
            response.OutputStream.Write(body);
        }

        response.Close();
    }

    // One file. What is in it does not matter: it is not run.
    private static byte[] Layer()
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "hello") { DataStream = new MemoryStream("hello"u8.ToArray()), Mode = (UnixFileMode)0b111_101_101 });
        }

        return bytes.ToArray();
    }

    private static byte[] Zipped(byte[] bytes)
    {
        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.Fastest))
        {
            zip.Write(bytes);
        }

        return zipped.ToArray();
    }

    private static string Digest(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
}
