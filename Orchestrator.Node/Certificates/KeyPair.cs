using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Node.Certificates;

/// <summary>A certificate with its private key, as two PEM texts, as stored on disk and in join files.</summary>
internal sealed record KeyPair(string Certificate, string Key)
{
    /// <summary>SHA-256 fingerprint of the certificate.</summary>
    public string Fingerprint
    {
        get
        {
            using var certificate = X509Certificate2.CreateFromPem(Certificate);
            return certificate.GetCertHashString(HashAlgorithmName.SHA256);
        }
    }

    /// <summary>The pair <c>NAME.crt</c> and <c>NAME.key</c> of a directory; null when one of them is missing.</summary>
    public static KeyPair? Read(string directory, string name)
    {
        var (crt, key) = Paths(directory, name);
        return File.Exists(crt) && File.Exists(key) ? new KeyPair(File.ReadAllText(crt), File.ReadAllText(key)) : null;
    }

    public void Write(string directory, string name)
    {
        var (crt, key) = Paths(directory, name);
        SecretFile.Write(key, Key);
        SecretFile.Write(crt, Certificate);
    }

    /// <exception cref="CryptographicException">The texts are not a certificate and its key.</exception>
    public X509Certificate2 Load() => X509Certificate2.CreateFromPem(Certificate, Key);

    private static (string Crt, string Key) Paths(string directory, string name) =>
        (Path.Combine(directory, name + ".crt"), Path.Combine(directory, name + ".key"));
}
