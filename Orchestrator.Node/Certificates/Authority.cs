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

    /// <summary>Returns what to do if the CA is not valid at a time; null if it is.</summary>
    /// <param name="file">Name of the CA's file, for the message.</param>
    /// <param name="now">The time of this host.</param>
    public string? Expired(string file, DateTimeOffset now) => now < _certificate.NotBefore
        ? $"the clock of this host shows {now.UtcDateTime:u}, but the certificate authority {file} is valid from {_certificate.NotBefore.ToUniversalTime():u}. Correct the clock, then start again"
        : now > Ends
        ? $"the clock of this host shows {now.UtcDateTime:u}, but the certificate authority {file} ended at {Ends.UtcDateTime:u}. If the clock is wrong, correct it. Otherwise stop all hosts, "
            + "delete the folder pki in their data directories, start the first control host, and join the others with new join files"
        : null;

    /// <summary>Issues a certificate with a new key; it does not outlive the CA.</summary>
    /// <exception cref="CryptographicException">The CA is not valid at that time.</exception>
    public KeyPair Issue(string subject, Usage usage, SubjectAlternativeNameBuilder? names, DateTimeOffset now, DateTimeOffset end)
    {
        if (Expired(_certificate.Subject, now) is { } expired)
        {
            throw new CryptographicException(expired);
        }

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
