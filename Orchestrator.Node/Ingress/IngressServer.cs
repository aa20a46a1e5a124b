using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging.Abstractions;

namespace Orchestrator.Node.Ingress;

/// <summary>Listens at the ports of the ingress, at all addresses of the host. Both ports or none.</summary>
/// <param name="ports">The ports.</param>
/// <param name="handle">Answers a request.</param>
/// <param name="certificate">Chooses the certificate for the host that a client names.</param>
internal sealed class IngressServer(IngressPorts ports, Func<HttpContext, Task> handle, Func<string?, SslStreamCertificateContext> certificate)
{
    private const int MostConnections = 20_000;
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HandshakeBound = TimeSpan.FromSeconds(10);
    private WebApplication? _web;

    /// <summary>Whether it listens.</summary>
    public bool IsListening => _web is not null;

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">A port is taken, or may not be used.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance); // What strangers send is no news of this host.
        builder.Services.AddHttpForwarder();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(Configure);
        var web = builder.Build();
        web.Run(new RequestDelegate(handle));
        try
        {
            await web.StartAsync(cancellation).ConfigureAwait(false);
            _web = web;
        }
        catch (Exception e)
        {
            await web.DisposeAsync().ConfigureAwait(false);
            if (e is SocketException)
            {
                throw new IOException(e.Message, e);
            }

            throw;
        }
    }

    /// <summary>Stops listening; requests have a few seconds to end.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _web, null) is { } web)
        {
            using var bound = new CancellationTokenSource(StopBound);
            await web.StopAsync(bound.Token).ConfigureAwait(false);
            await web.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;

        // Whoever opens more takes nothing from what else the agent does.
        (kestrel.Limits.MaxConcurrentConnections, kestrel.Limits.MaxConcurrentUpgradedConnections) = (MostConnections, MostConnections);

        // How long nothing may happen is said by each Ingress; streams may be silent as long as that.
        (kestrel.Limits.MinRequestBodyDataRate, kestrel.Limits.MinResponseDataRate) = (null, null);
        if (ports.Http > 0)
        {
            kestrel.ListenAnyIP(ports.Http, listen => listen.Protocols = HttpProtocols.Http1);
        }

        if (ports.Https > 0)
        {
            kestrel.ListenAnyIP(ports.Https, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = HandshakeBound, OnConnection = context => ValueTask.FromResult(OptionsFor(context.ClientHelloInfo.ServerName)) });
            });
        }
    }

    private SslServerAuthenticationOptions OptionsFor(string host) => new()
    {
        ServerCertificateContext = certificate(host),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
    };
}

/// <summary>The ports of the ingress.</summary>
/// <param name="Http">For requests without TLS; 0 for none.</param>
/// <param name="Https">For requests with TLS; 0 for none.</param>
/// <param name="LogsRequests">Whether each request is a line of the log.</param>
internal sealed record IngressPorts(int Http, int Https, bool LogsRequests);
