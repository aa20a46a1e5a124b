using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Orchestrator.Node.ApiServer.Auth;

/// <summary>The cluster's own CA in <c>&lt;data-dir&gt;/pki</c>, made at first start, and what it signs: the server and the admin.</summary>
internal sealed class ClusterCa : IDisposable
{
    private readonly string _directory;

    private ClusterCa(string directory, X509Certificate2 authority, X509Certificate2 server)
    {
        _directory = directory;
        Authority = authority;
        Server = server;
    }

    public X509Certificate2 Authority { get; }

    public X509Certificate2 Server { get; }

    public static ClusterCa LoadOrCreate(string dataDir, IPAddress address, DateTimeOffset now)
    {
        var directory = Path.Combine(dataDir, "pki");
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var authority = Load(directory, "ca") ?? CreateAuthority(directory, now);
        _ = Load(directory, "admin") ?? Sign(directory, "admin", "O=system:masters, CN=kubernetes-admin", authority, null, now);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName(Environment.MachineName);
        names.AddDnsName("kubernetes.default.svc");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(address);
        var server = Sign(directory, "server", "CN=orchestrator-apiserver", authority, names, now);
        return new ClusterCa(directory, authority, server);
    }

    /// <summary>Writes a kubeconfig that logs in as the admin; readable by its owner alone.</summary>
    public void WriteKubeconfig(string path, IPEndPoint endpoint)
    {
        string Data(string file) => Convert.ToBase64String(File.ReadAllBytes(Path.Combine(_directory, file)));
        Write(path, $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: orchestrator
              cluster:
                server: https://{endpoint}
                certificate-authority-data: {Data("ca.crt")}
            users:
            - name: admin
              user:
                client-certificate-data: {Data("admin.crt")}
                client-key-data: {Data("admin.key")}
            contexts:
            - name: orchestrator
              context:
                cluster: orchestrator
                user: admin
            current-context: orchestrator

            """);
    }

    /// <summary>The admin's bearer token, made at first use.</summary>
    public string AdminToken()
    {
        var path = Path.Combine(_directory, "admin.token");
        if (!File.Exists(path))
        {
            Write(path, Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));
        }

        return File.ReadAllText(path).Trim();
    }

    /// <summary>Whether this CA signed the certificate.</summary>
    public bool Signed(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    public void Dispose()
    {
        Authority.Dispose();
        Server.Dispose();
    }

    private static X509Certificate2? Load(string directory, string name)
    {
        var (crt, key) = (Path.Combine(directory, name + ".crt"), Path.Combine(directory, name + ".key"));
        return File.Exists(crt) && File.Exists(key) ? X509Certificate2.CreateFromPemFile(crt, key) : null;
    }

    private static X509Certificate2 CreateAuthority(string directory, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=orchestrator-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddYears(10));
        Save(directory, "ca", certificate, key);
        return Load(directory, "ca")!;
    }

    private static X509Certificate2 Sign(string directory, string name, string subject, X509Certificate2 authority,
        SubjectAlternativeNameBuilder? names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(subject), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid(names is null ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1")], false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names.Build());
        }

        using var certificate = request.Create(authority, now.AddHours(-1), now.AddYears(1), RandomNumberGenerator.GetBytes(12));
        Save(directory, name, certificate, key);

        // TLS on Linux wants the key inside a PKCS#12 that is not ephemeral.
        using var paired = X509Certificate2.CreateFromPemFile(Path.Combine(directory, name + ".crt"), Path.Combine(directory, name + ".key"));
        return X509CertificateLoader.LoadPkcs12(paired.Export(X509ContentType.Pfx), null);
    }

    private static void Save(string directory, string name, X509Certificate2 certificate, ECDsa key)
    {
        Write(Path.Combine(directory, name + ".crt"), certificate.ExportCertificatePem());
        Write(Path.Combine(directory, name + ".key"), key.ExportPkcs8PrivateKeyPem());
    }

    private static void Write(string path, string text)
    {
        var partial = path + ".new";
        using (var file = new FileStream(partial, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
    }
}
