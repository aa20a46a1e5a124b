using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Node.Certificates;

/// <summary>What a certificate is for.</summary>
[Flags]
internal enum Usage
{
    /// <summary>Proves who listens.</summary>
    Server = 1,

    /// <summary>Proves who calls.</summary>
    Client = 2,
}

/// <summary>A certificate authority of the cluster: signs, and tells its own from others'.</summary>
internal sealed class Authority : IDisposable
{
    private const int Years = 10;
    private static readonly Oid ServerAuth = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuth = new("1.3.6.1.5.5.7.3.2");
    private readonly X509Certificate2 _certificate;

    /// <exception cref="CryptographicException">The pair is no certificate with its key.</exception>
    public Authority(KeyPair pair)
    {
        Pair = pair;
        _certificate = pair.Load();
    }

    public KeyPair Pair { get; }

    public DateTimeOffset Ends => _certificate.NotAfter;

    /// <summary>Makes a new one, good for ten years.</summary>
    public static KeyPair Create(string name, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddYears(Years));
        return new KeyPair(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Issues a certificate with a key of its own; it never outlives the authority.</summary>
    public KeyPair Issue(string subject, Usage usage, SubjectAlternativeNameBuilder? names, DateTimeOffset now, DateTimeOffset end)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(subject), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(Purposes(usage), false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names.Build());
        }

        // Clocks of hosts differ a little.
        var begin = now.AddHours(-1) is var early && early > _certificate.NotBefore ? early : _certificate.NotBefore;
        using var certificate = request.Create(_certificate, begin, end < Ends ? end : Ends, RandomNumberGenerator.GetBytes(12));
        return new KeyPair(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Whether this authority signed the certificate, it is in force, and for the use that is asked for.</summary>
    public bool Signed(X509Certificate2 certificate, Usage usage)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        foreach (var purpose in Purposes(usage))
        {
            chain.ChainPolicy.ApplicationPolicy.Add(purpose);
        }

        return chain.Build(certificate);
    }

    private static OidCollection Purposes(Usage usage)
    {
        var purposes = new OidCollection();
        if (usage.HasFlag(Usage.Server))
        {
            purposes.Add(ServerAuth);
        }

        if (usage.HasFlag(Usage.Client))
        {
            purposes.Add(ClientAuth);
        }

        return purposes;
    }

    public void Dispose() => _certificate.Dispose();
}
