using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>A server of HTTP in the network of a pod that answers each request by its method. It serves one connection after the other.</summary>
internal sealed class PodServer : IDisposable
{
    private readonly Socket _socket;
    private readonly Func<string, string> _page;
    private readonly X509Certificate2? _certificate;

    private PodServer(Socket socket, Func<string, string> page, bool isTls)
    {
        (_socket, _page) = (socket, page);
        if (isTls)
        {
            using var key = ECDsa.Create();
            using var own = new CertificateRequest("CN=pod", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
            _certificate = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="pod">The network.</param>
    /// <param name="port">Its port.</param>
    /// <param name="page">The page for a method.</param>
    /// <param name="isTls">Whether it speaks TLS, with a certificate of its own making.</param>
    public static async Task<PodServer> StartAsync(PodSpace pod, int port, Func<string, string> page, bool isTls = false)
    {
        var server = new PodServer(await pod.OpenAsync(SocketType.Stream, ProtocolType.Tcp), page, isTls);
        server._socket.Bind(new IPEndPoint(IPAddress.Any, port));
        server._socket.Listen();
        _ = Task.Run(server.ServeAsync);
        return server;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _certificate?.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var connection = await _socket.AcceptAsync();
            try
            {
                await AnswerAsync(connection);
            }
            catch (IOException)
            {
                // Its client has gone.
            }
        }
    }

    private async Task AnswerAsync(Socket connection)
    {
        await using Stream stream = new NetworkStream(connection) is var plain && _certificate is null ? plain : new SslStream(plain);
        if (stream is SslStream tls)
        {
            await tls.AuthenticateAsServerAsync(_certificate!);
        }

        using var reader = new StreamReader(stream);
        var method = (await reader.ReadLineAsync())?.Split(' ')[0] ?? "";
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
            // Headers.
        }

        var page = _page(method);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {page.Length}\r\nConnection: close\r\n\r\n{(method == "HEAD" ? "" : page)}"));
    }
}
