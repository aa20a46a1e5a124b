using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ARSoft.Tools.Net.Dns;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>Resolves names as a pod does: from its network, with the servers and the search list of its file.</summary>
/// <param name="pod">The network.</param>
/// <param name="file">Content of <c>/etc/resolv.conf</c> of a container.</param>
internal sealed class PodResolver(PodSpace pod, string file)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly string[] _searches = [.. file.Split('\n').Where(l => l.StartsWith("search ", StringComparison.Ordinal)).SelectMany(l => l.Split(' ').Skip(1))];
    private readonly IPEndPoint _server = new(IPAddress.Parse(file.Split('\n').First(l => l.StartsWith("nameserver ", StringComparison.Ordinal)).Split(' ')[1]), 53);

    /// <summary>Waits until a name has the records that it should, by both protocols.</summary>
    public async Task ResolvesAsync(string name, RecordType type, params string[] expected)
    {
        foreach (var protocol in (ProtocolType[])[ProtocolType.Udp, ProtocolType.Tcp])
        {
            string[] found = [];
            await Poll.UntilAsync(async () => (found = await FindAsync(name, type, protocol)).Order(StringComparer.Ordinal).SequenceEqual(expected.Order(StringComparer.Ordinal)), Bound,
                () => $"{type} of {name} by {protocol} is {string.Join(", ", expected)}, and not {string.Join(", ", found)}");
        }
    }

    private async Task<string[]> FindAsync(string name, RecordType type, ProtocolType protocol)
    {
        // All names of the cluster have fewer than the five dots of its option.
        foreach (var full in name.EndsWith('.') ? [name] : (string[])[.. _searches.Select(s => $"{name}.{s}"), name])
        {
            if (await AskAsync(full.TrimEnd('.'), type, protocol) is { Length: > 0 } found)
            {
                return found;
            }
        }

        return [];
    }

    private async Task<string[]> AskAsync(string name, RecordType type, ProtocolType protocol)
    {
        // Header, the name in pieces with their lengths, type, class IN.
        byte[] question = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. name.Split('.').SelectMany(l => (byte[])[(byte)l.Length, .. Encoding.ASCII.GetBytes(l)]), 0, 0, (byte)type, 0, 1];
        using var bound = new CancellationTokenSource(Bound);
        using var socket = await pod.OpenAsync(protocol == ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream, protocol);
        await socket.ConnectAsync(_server, bound.Token);
        var answer = new byte[4096];
        if (protocol == ProtocolType.Udp)
        {
            await socket.SendAsync(question, bound.Token);
            answer = answer[..await socket.ReceiveAsync(answer, bound.Token)];
        }
        else
        {
            // A length stands before each message.
            using var stream = new NetworkStream(socket);
            await stream.WriteAsync((byte[])[0, (byte)question.Length, .. question], bound.Token);
            await stream.ReadExactlyAsync(answer.AsMemory(0, 2), bound.Token);
            answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(answer)];
            await stream.ReadExactlyAsync(answer, bound.Token);
        }

        return [.. DnsMessage.Parse(new ArraySegment<byte>(answer)).AnswerRecords.Where(r => r.RecordType == type).Select(Text)];
    }

    private static string Text(DnsRecordBase record) => record switch
    {
        ARecord a => a.Address.ToString(),
        SrvRecord srv => $"{srv.Port} {srv.Target}",
        PtrRecord ptr => ptr.PointerDomainName.ToString(),
        CNameRecord cname => cname.CanonicalName.ToString(),
        _ => record.ToString()!,
    };
}
