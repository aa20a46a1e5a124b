using System.Net;
using System.Net.Sockets;
using Orchestrator.Node.Network;

namespace Orchestrator.Tests.Network;

public sealed class HostListenersSpec
{
    [Fact]
    public void Ports_of_processes_that_listen_are_seen()
    {
        using var tcp = new TcpListener(IPAddress.Loopback, 0);
        tcp.Start();
        using var udp = new UdpClient(0, AddressFamily.InterNetworkV6);
        Assert.Contains(((IPEndPoint)tcp.LocalEndpoint).Port, HostListeners.Of("TCP"));
        Assert.Contains(((IPEndPoint)udp.Client.LocalEndPoint!).Port, HostListeners.Of("UDP"));
        Assert.Empty(HostListeners.Of("SCTP"));
    }

    [Fact]
    public void Connections_are_no_listeners() => Assert.Equal([22], HostListeners.Read("TCP",
        ["   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0", "   1: 0100007F:0050 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0", ""]));
}
