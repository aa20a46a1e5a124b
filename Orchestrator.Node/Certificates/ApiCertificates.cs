using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Node.Certificates;

/// <summary>The certificates of the API server and of the admin, both good for a year and renewed while the host runs.</summary>
internal sealed class ApiCertificates
{
    private const string AdminName = "admin";
    private readonly Pki _pki;
    private readonly IPEndPoint _endpoint;
    private readonly string _kubeconfig;
    private volatile X509Certificate2 _server;

    /// <summary>Issues the server's certificate, and the admin's where it is missing or due.</summary>
    public ApiCertificates(Pki pki, IPEndPoint endpoint, string kubeconfig, DateTimeOffset now)
    {
        _pki = pki;
        _endpoint = endpoint;
        _kubeconfig = kubeconfig;
        _server = IssueServer(now); // Anew at each start: the host's addresses may have changed.
        RenewAdmin(now);
    }

    /// <summary>What the server shows to whoever connects now.</summary>
    public X509Certificate2 Server => _server;

    private Authority Authority => _pki.Api!;

    /// <summary>Replaces what has less than a third of its life left. Who holds the admin's former certificate can use it to its end.</summary>
    /// <exception cref="IOException">The admin's could not be stored; the former one is still there.</exception>
    public void RenewDue(DateTimeOffset now)
    {
        // Not disposed: handshakes may be under way with it.
        if (Renewal.IsDue(_server.NotBefore, _server.NotAfter, now))
        {
            _server = IssueServer(now);
        }

        RenewAdmin(now);
    }

    private X509Certificate2 IssueServer(DateTimeOffset now)
    {
        var names = ServerNames.Of(_endpoint.Address, Environment.MachineName, ServerNames.OfHost());
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

        var text = Kubeconfig.Text(ServerNames.Reached(_endpoint), Authority.Pair.Certificate, admin);
        if (!File.Exists(_kubeconfig) || File.ReadAllText(_kubeconfig) != text || File.GetUnixFileMode(_kubeconfig) != SecretFile.Mode)
        {
            SecretFile.Write(_kubeconfig, text);
        }
    }

    private bool IsDue(KeyPair pair, DateTimeOffset now)
    {
        using var certificate = pair.Load();
        return Renewal.IsDue(certificate.NotBefore, certificate.NotAfter, now) || !Authority.Signed(certificate, Usage.Client);
    }
}
