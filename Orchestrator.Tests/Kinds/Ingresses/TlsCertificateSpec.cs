using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Tests.Ingress;

namespace Orchestrator.Tests.Kinds.Ingresses;

/// <summary>What of a Secret is a certificate with its key.</summary>
public sealed class TlsCertificateSpec
{
    private const string Fault = "its tls.crt and tls.key are no certificate and its key in PEM";

    [Fact]
    public void Keys_are_taken_in_all_their_forms()
    {
        using var rsa = RSA.Create(2048);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        foreach (var (certificate, keys) in new[]
        {
            (Signed(new CertificateRequest("CN=a.com", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)), new[] { rsa.ExportRSAPrivateKeyPem(), rsa.ExportPkcs8PrivateKeyPem() }),
            (Signed(new CertificateRequest("CN=a.com", ec, HashAlgorithmName.SHA256)), [ec.ExportECPrivateKeyPem(), ec.ExportPkcs8PrivateKeyPem(),

                // As "openssl ecparam -genkey" writes it.
                $"-----BEGIN EC PARAMETERS-----\nBgUrgQQAIg==\n-----END EC PARAMETERS-----\n{ec.ExportECPrivateKeyPem()}\n"]),
        })
        {
            foreach (var key in keys)
            {
                var (read, fault) = TlsCertificate.Read(Secret(certificate, key));
                Assert.Null(fault);
                Assert.True(read!.Leaf.HasPrivateKey);
                Assert.Equal(["a.com"], read.Hosts);
            }
        }
    }

    [Fact]
    public void What_is_none_is_refused_without_a_word_of_its_content()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        var (certificate, key) = TestCertificates.Create(["a.com"]);
        var locked = ec.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        const string edwards = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----";
        foreach (var (crt, of) in new[] { ("", ""), (certificate, ""), ("", key), (key, certificate), (certificate, locked), (certificate, edwards), (certificate, ec.ExportPkcs8PrivateKeyPem()), (certificate, rsa.ExportRSAPrivateKeyPem()),
            (certificate.Replace("A", "B", StringComparison.Ordinal), key), ("\0\u00ff", "\ud800"), (certificate[..60], key), (new string('-', 100_000), key) })
        {
            Assert.Equal((null, Fault), TlsCertificate.Read(Secret(crt, of)));
        }

        Assert.Equal("it has no tls.crt and tls.key", TlsCertificate.Read(new V1Secret()).Fault);
    }

    private static string Signed(CertificateRequest request)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("a.com");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(1));
        return certificate.ExportCertificatePem();
    }

    private static V1Secret Secret(string certificate, string key) => new() { Data = new Dictionary<string, byte[]> { ["tls.crt"] = Encoding.UTF8.GetBytes(certificate), ["tls.key"] = Encoding.UTF8.GetBytes(key) } };
}
