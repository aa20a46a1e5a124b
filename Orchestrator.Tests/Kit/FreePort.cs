using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Tests.Kit;

/// <summary>A port of this machine that nobody listens on.</summary>
internal static class FreePort
{
    /// <summary>One that was free a moment ago: whoever is given it must listen soon.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Such a port with its address.</summary>
    public static IPEndPoint Address() => new(IPAddress.Loopback, Next());
}
