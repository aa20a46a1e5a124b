using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Orchestrator.Tests.Ingress;

/// <summary>Certificates that specs make.</summary>
internal static class TestCertificates
{
    /// <summary>A certificate and its key in PEM.</summary>
    /// <param name="hosts">The hosts that it names.</param>
    /// <param name="end">When it expires; null for in a day.</param>
    public static (string Certificate, string Key) Create(IEnumerable<string> hosts, DateTimeOffset? end = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={hosts.First()}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        var last = end ?? DateTimeOffset.UtcNow.AddDays(1);
        using var certificate = request.CreateSelfSigned(last.AddDays(-30), last);
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>A certificate that another one has signed, which the root has: both in PEM, with the key of the first.</summary>
    public static ((string Certificate, string Key) Pair, X509Certificate2 Root) Signed(string host)
    {
        var now = DateTimeOffset.UtcNow;
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = Authority("CN=root", rootKey).CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        using var middle = Authority("CN=middle", middleKey).Create(root, now.AddDays(-1), now.AddDays(1), [1]);
        using var signer = middle.CopyWithPrivateKey(middleKey);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var leaf = request.Create(signer, now.AddDays(-1), now.AddDays(1), [2]);
        return (($"{leaf.ExportCertificatePem()}\n{middle.ExportCertificatePem()}", key.ExportECPrivateKeyPem()), root);
    }

    /// <summary>The data of a Secret of the type <c>kubernetes.io/tls</c>, as JSON.</summary>
    public static string Data((string Certificate, string Key) pair) => $$"""{ "tls.crt": "{{Base64(pair.Certificate)}}", "tls.key": "{{Base64(pair.Key)}}" }""";

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request;
    }
}
