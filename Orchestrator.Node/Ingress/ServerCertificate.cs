using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Actors.Kinds.Ingresses;

namespace Orchestrator.Node.Ingress;

/// <summary>A certificate as it is shown to clients.</summary>
/// <param name="Context">The certificate with its key and those that signed it.</param>
/// <param name="Hosts">The hosts that it names.</param>
internal sealed record ServerCertificate(SslStreamCertificateContext Context, IReadOnlyList<string> Hosts)
{
    private const int Years = 10;

    /// <summary>Makes one of what a Secret has.</summary>
    public static ServerCertificate Of(TlsCertificate certificate) => new(SslStreamCertificateContext.Create(certificate.Leaf, certificate.Chain, offline: true), certificate.Hosts);

    /// <summary>A certificate that nobody trusts, for hosts that have none: whoever looks at it sees what is missing, instead of a connection that ends.</summary>
    public static SslStreamCertificateContext Untrusted(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ingress without a certificate, O=Orchestrator", key, HashAlgorithmName.SHA256);
        return SslStreamCertificateContext.Create(request.CreateSelfSigned(now.AddDays(-1), now.AddYears(Years)), null, offline: true);
    }
}
