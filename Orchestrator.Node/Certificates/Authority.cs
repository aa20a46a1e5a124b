using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Node.Certificates;

/// <summary>Extended key usage of a certificate.</summary>
[Flags]
internal enum Usage
{
    /// <summary>Server authentication.</summary>
    Server = 1,

    /// <summary>Client authentication.</summary>
    Client = 2,
}

/// <summary>A certificate authority (CA) of the cluster: signs and verifies certificates.</summary>
internal sealed class Authority : IDisposable
{
    private const int Years = 10;
    private static readonly Oid ServerAuth = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuth = new("1.3.6.1.5.5.7.3.2");
    private readonly X509Certificate2 _certificate;

    /// <exception cref="CryptographicException">The pair is not a certificate and its key.</exception>
    public Authority(KeyPair pair)
    {
        Pair = pair;
        _certificate = pair.Load();
    }

    public KeyPair Pair { get; }

    public DateTimeOffset Ends => _certificate.NotAfter;

    /// <summary>Creates a new CA, valid for ten years.</summary>
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

    /// <summary>Issues a certificate with a new key; it does not outlive the CA.</summary>
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

        // Tolerates clock skew between hosts.
        var begin = now.AddHours(-1) is var early && early > _certificate.NotBefore ? early : _certificate.NotBefore;
        using var certificate = request.Create(_certificate, begin, end < Ends ? end : Ends, RandomNumberGenerator.GetBytes(12));
        return new KeyPair(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Whether the certificate is signed by this CA, currently valid, and valid for the requested usage.</summary>
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
