using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Node.Certificates;

/// <summary>The certificates of the API server and of the admin, valid for a year and renewed while the host runs.</summary>
internal sealed class ApiCertificates
{
    private const string AdminName = "admin";
    private readonly Pki _pki;
    private readonly IPEndPoint _endpoint;
    private readonly string _kubeconfig;
    private readonly IPAddress? _service;
    private volatile X509Certificate2 _server;
    private DateTimeOffset _adminEnds;

    /// <summary>Issues the server certificate, and the admin certificate if it is missing or due for renewal.</summary>
    /// <param name="pki">The keys of the host.</param>
    /// <param name="endpoint">Where the API server listens.</param>
    /// <param name="kubeconfig">File with the access of the admin.</param>
    /// <param name="now">The time.</param>
    /// <param name="service">Address of the Service <c>default/kubernetes</c>, by which pods reach it; null if there is none.</param>
    public ApiCertificates(Pki pki, IPEndPoint endpoint, string kubeconfig, DateTimeOffset now, IPAddress? service = null)
    {
        _service = service;
        _pki = pki;
        _endpoint = endpoint;
        _kubeconfig = kubeconfig;
        _server = IssueServer(now); // Issued at each start, because the addresses of the host may have changed.
        RenewAdmin(now);
    }

    /// <summary>The current server certificate.</summary>
    public X509Certificate2 Server => _server;

    /// <summary>Returns the expiry of each certificate: <c>apiserver</c>, <c>admin</c>, and the CAs <c>ca</c> (API) and <c>cluster-ca</c> (hosts).</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Ends() => new Dictionary<string, DateTimeOffset>
    {
        ["apiserver"] = _server.NotAfter,
        ["admin"] = _adminEnds,
        ["ca"] = Authority.Ends,
        ["cluster-ca"] = _pki.Cluster.Ends,
    };

    private Authority Authority => _pki.Api!;

    /// <summary>Renews certificates with less than a third of their lifetime left. The previous admin certificate stays valid until it expires.</summary>
    /// <exception cref="IOException">The admin certificate could not be stored; the previous one is unchanged.</exception>
    public void RenewDue(DateTimeOffset now)
    {
        // Not disposed because it may be used by handshakes.
        if (Renewal.IsDue(_server.NotBefore, _server.NotAfter, now))
        {
            _server = IssueServer(now);
        }

        RenewAdmin(now);
    }

    private X509Certificate2 IssueServer(DateTimeOffset now)
    {
        var names = ServerNames.Of(_endpoint.Address, Environment.MachineName, ServerNames.OfHost());
        names = _service is null ? names : names with { Addresses = [.. names.Addresses, _service] };
        var pair = Authority.Issue("CN=orchestrator-apiserver", Usage.Server, names.ToExtension(), now, now.AddYears(1));
        pair.Write(_pki.Folder, "server");
        return pair.Load();
    }

    private void RenewAdmin(DateTimeOffset now)
    {
        var admin = KeyPair.Read(_pki.Folder, AdminName);
        if (admin is null || IsDue(admin, now))
        {
            admin = Authority.Issue("O=system:masters, CN=kubernetes-admin", Usage.Client, null, now, now.AddYears(1));
            admin.Write(_pki.Folder, AdminName);
        }

        using (var certificate = admin.Load())
        {
            _adminEnds = certificate.NotAfter;
        }

        var text = Kubeconfig.Text(ServerNames.Reached(_endpoint), Authority.Pair.Certificate, admin);
        if (!File.Exists(_kubeconfig) || File.ReadAllText(_kubeconfig) != text || File.GetUnixFileMode(_kubeconfig) != SecretFile.Mode)
        {
            SecretFile.Write(_kubeconfig, text);
        }
    }

    private bool IsDue(KeyPair pair, DateTimeOffset now)
    {
        try
        {
            using var certificate = pair.Load();
            return IsDue(certificate, now);
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return true; // Incomplete: the host crashed between writing the key and the certificate.
        }
    }

    private bool IsDue(X509Certificate2 certificate, DateTimeOffset now)
    {
        return Renewal.IsDue(certificate.NotBefore, certificate.NotAfter, now) || !Authority.Signed(certificate, Usage.Client);
    }
}
