using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>A certificate with its key and those that signed it, out of a Secret of the type <c>kubernetes.io/tls</c>. What is told of one that is wrong says nothing of its content.</summary>
/// <param name="Leaf">The certificate, with its key.</param>
/// <param name="Chain">The others of <c>tls.crt</c>.</param>
public sealed record TlsCertificate(X509Certificate2 Leaf, X509Certificate2Collection Chain)
{
    private const string CertificateKey = "tls.crt";
    private const string PrivateKey = "tls.key";

    /// <summary>The hosts that the certificate names.</summary>
    public IReadOnlyList<string> Hosts { get; } = [.. Leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames())];

    /// <summary>Whether a Secret has what a certificate needs.</summary>
    public static bool IsIn(V1Secret secret) => secret.Data is { } data && data.ContainsKey(CertificateKey) && data.ContainsKey(PrivateKey);

    /// <summary>Reads the certificate of a Secret.</summary>
    /// <returns>The certificate, or why there is none, as the end of a sentence.</returns>
    public static (TlsCertificate? Certificate, string? Fault) Read(V1Secret secret)
    {
        if (!IsIn(secret))
        {
            return (null, $"it has no {CertificateKey} and {PrivateKey}");
        }

        try
        {
            var pem = Encoding.UTF8.GetString(secret.Data[CertificateKey]);
            var leaf = X509Certificate2.CreateFromPem(pem, Encoding.UTF8.GetString(secret.Data[PrivateKey]));
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(pem);
            if (chain.Count > 0)
            {
                chain.RemoveAt(0);
            }

            return (new TlsCertificate(leaf, chain), null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            return (null, $"its {CertificateKey} and {PrivateKey} are no certificate and its key in PEM");
        }
    }

    /// <summary>Returns why the certificate is not good for a host, as the end of a sentence; null if it is.</summary>
    /// <param name="host">Name of a host; <c>*.</c> and a domain for all of a domain.</param>
    /// <param name="now">The current time.</param>
    public string? FaultFor(string host, DateTimeOffset now) => now > Leaf.NotAfter ? "its certificate has expired"
        : now < Leaf.NotBefore ? "its certificate is not valid yet"
        : !Leaf.MatchesHostname(host.StartsWith('*') ? $"any{host[1..]}" : host) ? $"its certificate is not for {host}"
        : null;
}
