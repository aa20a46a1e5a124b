using System.Security.Cryptography.X509Certificates;
using Akka.Event;
using Akka.Remote.Transport.DotNetty;

namespace Orchestrator.Node.Certificates;

/// <summary>TLS between hosts: both sides show a certificate of the cluster's authority, or no message passes.</summary>
/// <param name="authority">The cluster's.</param>
/// <param name="seeds">How many hosts this one looks for its cluster at.</param>
internal sealed class ClusterTls(Authority authority, int seeds)
{
    private readonly TaskCompletionSource<string> _shutOut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly HashSet<string> _called = [];
    private string? _said;

    /// <summary>Completes with a sentence when every seed node turned out to be of another cluster.</summary>
    public Task<string> ShutOut => _shutOut.Task;

    /// <summary>What Akka's transport is given. The certificate is made anew at each start and never stored: who can sign one needs no file of it.</summary>
    public DotNettySslSetup Setup(string host, DateTimeOffset now) => new(
        authority.Issue($"O=orchestrator-hosts, CN={host}", Usage.Server | Usage.Client, null, now, DateTimeOffset.MaxValue).Load(),
        suppressValidation: false, requireMutualAuthentication: true, customValidator: (certificate, _, peer, _, log) => IsHost(certificate, peer, log));

    /// <summary>Whether a peer's certificate is a host's of this cluster.</summary>
    /// <param name="certificate">What it shows, if anything.</param>
    /// <param name="peer">An Akka address when this host calls, a socket's when it is called.</param>
    /// <param name="log">Is told of refusals.</param>
    public bool IsHost(X509Certificate2? certificate, string peer, ILoggingAdapter log)
    {
        if (certificate is not null && authority.Signed(certificate, Usage.Server | Usage.Client))
        {
            return true;
        }

        var who = certificate?.Thumbprint ?? "nobody";
        var reason = certificate is null ? $"{peer} shows no certificate"
            : $"the certificate of {peer} ({certificate.Subject}) is not of this cluster's authority, or not in force";
        lock (_lock)
        {
            if (peer.Contains("://", StringComparison.Ordinal) && _called.Add(peer) && _called.Count == seeds)
            {
                _shutOut.TrySetResult(reason);
            }

            if (_said == who)
            {
                return false; // It tries again and again; once is enough.
            }

            _said = who;
        }

        log.Warning("A host was refused: {0}. Hosts join with --join and a file of a control host of this cluster.", reason);
        return false;
    }
}
