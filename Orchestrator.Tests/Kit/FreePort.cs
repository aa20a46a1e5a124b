using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Tests.Kit;

/// <summary>Finds a free TCP port.</summary>
internal static class FreePort
{
    /// <summary>A port that is currently free; use it soon.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A free port with its address.</summary>
    public static IPEndPoint Address() => new(IPAddress.Loopback, Next());
}
