using System.Net;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;

namespace Orchestrator.Node.Dns;

/// <summary>The servers in a host's <c>/etc/resolv.conf</c>, which is read again when it changes.</summary>
/// <param name="path">Path of the file.</param>
/// <param name="port">The port of the servers.</param>
internal sealed class HostDns(string path, int port = 53) : IDnsUpstream
{
    private const int TimeoutMilliseconds = 2000;
    private readonly Lock _gate = new();
    private DateTime _read;
    private DnsClient? _client;

    /// <inheritdoc/>
    public async Task<DnsMessage?> AskAsync(DomainName name, RecordType type, CancellationToken cancellation) =>
        Client() is { } client ? await client.ResolveAsync(name, type, RecordClass.INet, null, cancellation).ConfigureAwait(false) : null;

    private DnsClient? Client()
    {
        lock (_gate)
        {
            var changed = File.GetLastWriteTimeUtc(path);
            if (changed != _read)
            {
                _read = changed;
                var servers = (File.Exists(path) ? File.ReadAllLines(path) : []).Select(l => l.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                    .Where(w => w is ["nameserver", _, ..]).Select(w => IPAddress.TryParse(w[1], out var ip) ? ip : null).OfType<IPAddress>().ToList();
                _client = servers.Count == 0 ? null : new DnsClient(servers, [new UdpClientTransport(port), new TcpClientTransport(port)], true, TimeoutMilliseconds);
            }

            return _client;
        }
    }
}
