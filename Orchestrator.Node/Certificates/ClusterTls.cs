using System.Security.Cryptography.X509Certificates;
using Akka.Remote.Transport.DotNetty;
using Orchestrator.Node.Logs;

namespace Orchestrator.Node.Certificates;

/// <summary>Mutual TLS between hosts: both sides need a certificate signed by the cluster's CA.</summary>
/// <param name="authority">CA of the cluster.</param>
/// <param name="seeds">Number of seed nodes.</param>
/// <param name="log">Log for rejections.</param>
internal sealed class ClusterTls(Authority authority, int seeds, ILogger log)
{
    private readonly TaskCompletionSource<string> _rejected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly HashSet<string> _dialed = [];
    private string? _lastRejected;

    /// <summary>Completes with the reason when no seed node has a valid certificate of this cluster.</summary>
    public Task<string> Rejected => _rejected.Task;

    /// <summary>The TLS setup of Akka's transport. The certificate is issued at each start and not stored, because the host has the key of the CA.</summary>
    public DotNettySslSetup Setup(string host, DateTimeOffset now) => new(
        authority.Issue($"O=orchestrator-hosts, CN={host}", Usage.Server | Usage.Client, null, now, DateTimeOffset.MaxValue).Load(),
        suppressValidation: false, requireMutualAuthentication: true, customValidator: (certificate, _, peer, _, _) => IsHost(certificate, peer));

    /// <summary>Whether the certificate of a peer belongs to a host of this cluster.</summary>
    /// <param name="certificate">Certificate of the peer, if it sent one.</param>
    /// <param name="peer">An Akka address on outgoing connections, a socket address on incoming ones.</param>
    public bool IsHost(X509Certificate2? certificate, string peer)
    {
        if (certificate is not null && authority.Signed(certificate, Usage.Server | Usage.Client))
        {
            return true;
        }

        var who = certificate?.Thumbprint ?? "nobody";
        var reason = certificate is null ? $"{peer} sent no certificate"
            : $"the certificate of {peer} ({certificate.Subject}) is not signed by the CA of this cluster, or is expired or not valid yet";
        lock (_lock)
        {
            if (peer.Contains("://", StringComparison.Ordinal) && _dialed.Add(peer) && _dialed.Count == seeds)
            {
                _rejected.TrySetResult(reason);
            }

            if (_lastRejected == who)
            {
                return false; // The peer retries; log it once.
            }

            _lastRejected = who;
        }

        log.Tell(LogLevel.Warning, "Rejected a connection from another host. To join this cluster, start the host with --join and a join file of one of its control hosts", ("error", reason));
        return false;
    }
}
