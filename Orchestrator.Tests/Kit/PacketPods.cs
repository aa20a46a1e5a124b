using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Network;

namespace Orchestrator.Tests.Kit;

/// <summary>Pods of which there is nothing but their network, on this host's kernel, and servers in them that say their names. Needs root, iproute2 and nftables.</summary>
internal sealed class PacketPods : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("packets-");
    private readonly CancellationTokenSource _bound;
    private readonly List<Socket> _listeners = [];

    // Another one each time: the kernel remembers the datagrams of the last run for minutes.
    private int _source = Random.Shared.Next(20_000, 50_000);

    private PacketPods(TimeSpan bound, Func<NetworkNames, string, IPodNetwork> network) => (_bound, Network) = (new CancellationTokenSource(bound), network(Names, _folder.FullName));

    /// <summary>Names of the node.</summary>
    public NetworkNames Names { get; } = NetworkNames.Of(Guid.NewGuid().ToString("N"));

    /// <summary>The network of the pods.</summary>
    public IPodNetwork Network { get; }

    /// <summary>Ends what takes too long.</summary>
    public CancellationToken Ends => _bound.Token;

    /// <summary>Begins with a range for pods.</summary>
    /// <param name="cluster">Addresses of all pods, which nobody else uses at the same time: a range, or two with a comma between.</param>
    /// <param name="range">Those of the node's.</param>
    /// <param name="bound">Everything ends after that; a minute for null.</param>
    public static async Task<PacketPods> StartAsync(string cluster, string range, TimeSpan? bound = null)
    {
        var pods = new PacketPods(bound ?? Bound, (names, folder) => new RoutedNetwork(names, [.. cluster.Split(',').Select(IPNetwork.Parse)], new NetworkRecords(folder), 0, TimeProvider.System));
        await pods.Network.UseAsync(range, pods.Ends);
        return pods;
    }

    /// <summary>Begins with another network.</summary>
    /// <param name="network">Makes it, of the names of the node and a folder for records.</param>
    public static PacketPods Of(Func<NetworkNames, string, IPodNetwork> network) => new(Bound, network);

    /// <summary>A new pod.</summary>
    public Task<PodNetwork> AddAsync(string uid, params HostPort[] ports) => Network.AddAsync(uid, new PodNetworkWish([.. ports], []), Ends);

    /// <summary>Answers with a name at a TCP port of a pod, or of the host at an address.</summary>
    public async Task ServeAsync(PodNetwork? pod, string name, int port, IPAddress? at = null)
    {
        var listener = await InAsync(pod, () =>
        {
            var socket = Server(pod, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(at ?? Any(socket), port));
            socket.Listen();
            return socket;
        });
        _listeners.Add(listener);
        _ = Task.Run(async () =>
        {
            while (true)
            {
                var socket = await listener.AcceptAsync(Ends);
                _ = Task.Run(async () =>
                {
                    using (socket)
                    {
                        while (await socket.ReceiveAsync(new byte[1], Ends) > 0)
                        {
                            await socket.SendAsync(Encoding.ASCII.GetBytes(name), Ends);
                        }
                    }
                }, Ends);
            }
        }, Ends);
    }

    /// <summary>Answers with a name at a UDP port of a pod, or of the host at an address.</summary>
    public async Task ServeDatagramsAsync(PodNetwork? pod, string name, int port, IPAddress? at = null)
    {
        var server = await InAsync(pod, () =>
        {
            var socket = Server(pod, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(at ?? Any(socket), port));
            return socket;
        });
        _listeners.Add(server);
        _ = Task.Run(async () =>
        {
            while (true)
            {
                var asked = await server.ReceiveFromAsync(new byte[1], new IPEndPoint(Any(server), 0), Ends);
                await server.SendToAsync(Encoding.ASCII.GetBytes(name), asked.RemoteEndPoint, Ends);
            }
        }, Ends);
    }

    /// <summary>Asks a TCP port: its name, <c>refused</c>, or <c>silent</c> after the patience is over.</summary>
    /// <param name="from">The pod that asks; null for the host.</param>
    /// <param name="address">Whom.</param>
    /// <param name="port">At which port.</param>
    /// <param name="patience">How long it waits; as long as there is time for null.</param>
    public async Task<string> AskAsync(PodNetwork? from, string address, int port, TimeSpan? patience = null)
    {
        using var bound = Patience(patience);
        try
        {
            using var socket = await ConnectAsync(from, address, port, bound.Token);
            return await SayAsync(socket, bound.Token);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return "refused";
        }
        catch (OperationCanceledException) when (!Ends.IsCancellationRequested)
        {
            return "silent";
        }
    }

    /// <summary>Asks a UDP port, as <see cref="AskAsync"/>.</summary>
    public async Task<string> AskDatagramAsync(PodNetwork? from, string address, int port, TimeSpan? patience = null)
    {
        using var bound = Patience(patience);
        try
        {
            using var socket = await DatagramsAsync(from, address, port);
            return await SayAsync(socket, bound.Token);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return "refused";
        }
        catch (OperationCanceledException) when (!Ends.IsCancellationRequested)
        {
            return "silent";
        }
    }

    /// <summary>A connection that stays.</summary>
    public Task<Socket> ConnectAsync(PodNetwork? from, string address, int port) => ConnectAsync(from, address, port, Ends);

    /// <summary>A socket that sends datagrams to a port.</summary>
    public async Task<Socket> DatagramsAsync(PodNetwork? from, string address, int port)
    {
        // From a port that was not used before: to the kernel, datagrams between the same ports are one connection for minutes.
        var target = IPAddress.Parse(address);
        var socket = await InAsync(from, () => new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        socket.Bind(new IPEndPoint(Any(socket), from is null ? 0 : Interlocked.Increment(ref _source)));
        await socket.ConnectAsync(target, port, Ends);
        return socket;
    }

    /// <summary>Asks over a connection.</summary>
    public Task<string> SayAsync(Socket socket) => SayAsync(socket, Ends);

    /// <summary>A table of packet rules, see <see cref="RuleText"/>.</summary>
    public async Task<string> TableAsync(string name) => RuleText.Ordered(await HostTool.RunAsync("nft", ["-y", "list", "table", "inet", name], "", Ends));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _bound.CancelAsync();
        _listeners.ForEach(l => l.Dispose());
        (Network as IDisposable)?.Dispose();
        await NodeNetwork.RemoveAsync(Names, CancellationToken.None).WaitAsync(Bound);
        _folder.Delete(recursive: true);
        _bound.Dispose();
    }

    private CancellationTokenSource Patience(TimeSpan? patience)
    {
        var bound = CancellationTokenSource.CreateLinkedTokenSource(Ends);
        bound.CancelAfter(patience ?? Timeout.InfiniteTimeSpan);
        return bound;
    }

    private static async Task<string> SayAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[16];
        await socket.SendAsync("?"u8.ToArray(), cancellation);
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, cancellation));
    }

    private static async Task<Socket> ConnectAsync(PodNetwork? from, string address, int port, CancellationToken cancellation)
    {
        var target = IPAddress.Parse(address);
        var socket = await InAsync(from, () => new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            await socket.ConnectAsync(target, port, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // For both families in a pod that has both.
    private static Socket Server(PodNetwork? pod, SocketType type, ProtocolType protocol) =>
        pod?.Addresses.Second is null ? new Socket(pod?.Address.AddressFamily ?? AddressFamily.InterNetwork, type, protocol) : new Socket(type, protocol);

    private static IPAddress Any(Socket socket) => socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;

    private static async Task<Socket> InAsync(PodNetwork? pod, Func<Socket> make)
    {
        if (pod is null)
        {
            return make();
        }

        using var handle = File.OpenHandle(pod.Namespace);
        return await NamespaceThread.RunAsync(handle, make);
    }
}
