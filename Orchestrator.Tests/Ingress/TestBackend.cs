using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Node.Network;

namespace Orchestrator.Tests.Ingress;

/// <summary>A server in this process that stands for an endpoint of a service, at an address of this machine that is not the loopback one.</summary>
internal sealed class TestBackend : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);
    private readonly WebApplication _web;

    private TestBackend(WebApplication web) => _web = web;

    /// <summary>An address of this machine.</summary>
    public static IPAddress Host { get; } = HostInterfaces.Addresses().Select(a => a.Unicast.Address).First(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));

    /// <summary>Its port.</summary>
    public int Port => new Uri(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    /// <summary>Starts a server.</summary>
    /// <param name="answer">Answers requests; null if <paramref name="map"/> says who does.</param>
    /// <param name="protocols">What it speaks.</param>
    /// <param name="secured">Its certificate, if it speaks TLS.</param>
    /// <param name="add">Adds services.</param>
    /// <param name="map">Adds endpoints.</param>
    public static async Task<TestBackend> StartAsync(RequestDelegate? answer, HttpProtocols protocols = HttpProtocols.Http1, SslStreamCertificateContext? secured = null, Action<IServiceCollection>? add = null, Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        add?.Invoke(builder.Services);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(Host, 0, listen =>
        {
            listen.Protocols = protocols;
            if (secured is not null)
            {
                listen.UseHttps((_, _, _, _) => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = secured, ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] }), null!);
            }
        }));
        var web = builder.Build();
        web.UseWebSockets();
        if (map is not null)
        {
            web.UseRouting();
            map(web);
        }

        if (answer is not null)
        {
            web.Run(answer);
        }

        await web.StartAsync();
        return new TestBackend(web);
    }

    /// <summary>One that says its name.</summary>
    public static Task<TestBackend> NamedAsync(string name) => StartAsync(http => http.Response.WriteAsync(name));

    public async ValueTask DisposeAsync()
    {
        using var bound = new CancellationTokenSource(Bound);
        await _web.StopAsync(bound.Token);
        await _web.DisposeAsync();
    }
}
