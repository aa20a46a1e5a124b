using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>The first two packets of a connection by SCTP, INIT and INIT ACK, made by hand (RFC 9260): packets are led in the same way whether or not the kernel speaks the protocol itself.</summary>
internal static class SctpPeer
{
    private const int Init = 1;
    private const int InitAck = 2;
    private const int Header = 12;
    private const int Chunk = 20;
    private const int Addresses = 20; // The header of IPv4, which a raw socket shows.
    private const uint Tag = 0x0abcdef1;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);
    private static int _lastPort = 20_000;

    /// <summary>Answers each INIT to a port with a number, until it is disposed.</summary>
    public static async Task<Socket> AnswerAsync(PodSpace pod, int port, uint number)
    {
        var socket = await pod.OpenAsync(Raw);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        _ = Task.Run(async () =>
        {
            for (var buffer = new byte[256]; ;)
            {
                var received = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                if (Read(buffer, received.ReceivedBytes) is { Type: Init } init && init.To == port)
                {
                    await socket.SendToAsync(Write(InitAck, port, init.From, init.Tag, number), received.RemoteEndPoint);
                }
            }
        });
        return socket;
    }

    /// <summary>Sends an INIT from a port of its own.</summary>
    /// <returns>The number in the answer, which must come from where it was sent to; null if there is none in time.</returns>
    public static async Task<uint?> AskAsync(PodSpace from, string to, int port)
    {
        using var socket = await from.OpenAsync(Raw);
        using var bound = new CancellationTokenSource(Bound);
        var (buffer, own, server) = (new byte[256], Interlocked.Increment(ref _lastPort), new IPEndPoint(IPAddress.Parse(to), 0));
        try
        {
            await socket.SendToAsync(Write(Init, own, port, 0, 1), server, bound.Token);
            while (true)
            {
                var received = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), bound.Token);
                if (Read(buffer, received.ReceivedBytes) is { Type: InitAck } answer && (answer.From, answer.To) == (port, own) && Equals(((IPEndPoint)received.RemoteEndPoint).Address, server.Address))
                {
                    return answer.Number;
                }
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    // A protocol that .NET does not know.
    private static Socket Raw() => new(new SafeSocketHandle(NewSocket(domain: 2, type: 3, protocol: 132), ownsHandle: true));

    [DllImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static extern int NewSocket(int domain, int type, int protocol);

    private static byte[] Write(byte type, int from, int to, uint tag, uint number)
    {
        var packet = new byte[Header + Chunk];
        BinaryPrimitives.WriteUInt16BigEndian(packet, (ushort)from);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)to);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), tag);
        (packet[Header], packet[Header + 3]) = (type, Chunk);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(Header + 4), Tag);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(Header + 8), ushort.MaxValue);
        (packet[Header + 13], packet[Header + 15]) = (1, 1);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(Header + 16), number);
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), Sum(packet));
        return packet;
    }

    private static (int From, int To, int Type, uint Tag, uint Number)? Read(byte[] buffer, int count)
    {
        var packet = buffer.AsSpan(Math.Min(Addresses, count)..count);
        return packet.Length < Header + Chunk ? null : (BinaryPrimitives.ReadUInt16BigEndian(packet), BinaryPrimitives.ReadUInt16BigEndian(packet[2..]), packet[Header],
            BinaryPrimitives.ReadUInt32BigEndian(packet[(Header + 4)..]), BinaryPrimitives.ReadUInt32BigEndian(packet[(Header + 16)..]));
    }

    private static uint Sum(byte[] packet)
    {
        var sum = uint.MaxValue;
        foreach (var b in packet)
        {
            sum = BitOperations.Crc32C(sum, b);
        }

        return ~sum;
    }
}
