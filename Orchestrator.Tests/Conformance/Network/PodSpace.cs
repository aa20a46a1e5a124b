using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Node.Network;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>Sockets in the network of a pod, for what the programs of its image cannot do: datagrams, TLS, answers of a server's own making.</summary>
internal sealed class PodSpace(NodeProcess? node, string address)
{
    /// <summary>The network of the node, which its own pods have too.</summary>
    public static readonly PodSpace OfNode = new(null, "");

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);

    /// <summary>The address of the pod.</summary>
    public string Address => address;

    /// <summary>Opens a socket there.</summary>
    public Task<Socket> OpenAsync(SocketType type, ProtocolType protocol) => OpenAsync(() => new Socket(AddressFamily.InterNetwork, type, protocol));

    /// <summary>Opens a socket there.</summary>
    public async Task<Socket> OpenAsync(Func<Socket> open)
    {
        if (node is null)
        {
            return open();
        }

        using var handle = File.OpenHandle(NetworkNames.PathOf(NetworkNames.Of(Orchestrator.Node.Agent.Installation.Of(node.DataDir)).For(IPAddress.Parse(address))));
        return await NamespaceThread.RunAsync(handle, open);
    }

    /// <summary>Answers each datagram to a port with a name, until it is disposed.</summary>
    public async Task<Socket> EchoAsync(int port, string name)
    {
        var socket = await OpenAsync(SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Any, port));
        _ = Task.Run(async () =>
        {
            for (var buffer = new byte[64]; ;)
            {
                var from = (await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0))).RemoteEndPoint;
                await socket.SendToAsync(Encoding.ASCII.GetBytes(name), from);
            }
        });
        return socket;
    }

    /// <summary>Sends a datagram. The answer must come from where it was sent to.</summary>
    /// <returns>The answer; <c>refused</c>, or <c>none</c> if there is none in time.</returns>
    public async Task<string> SayAsync(string to, int port)
    {
        using var socket = await OpenAsync(SocketType.Dgram, ProtocolType.Udp);
        using var bound = new CancellationTokenSource(Bound);
        try
        {
            var buffer = new byte[64];
            await socket.ConnectAsync(IPAddress.Parse(to), port);
            await socket.SendAsync("?"u8.ToArray(), bound.Token);
            return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, bound.Token));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return "refused";
        }
        catch (OperationCanceledException)
        {
            return "none";
        }
    }

    /// <summary>Sends some datagrams, each from a port of its own.</summary>
    /// <returns>The different answers in order.</returns>
    public async Task<string> SayOftenAsync(string to, int port)
    {
        var said = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 20; i++)
        {
            said.Add(await SayAsync(to, port));
        }

        return string.Join(' ', said);
    }
}
