using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Cli.Client;

/// <summary>Address of the API server and credentials.</summary>
/// <param name="Server">Base address.</param>
/// <param name="Authority">PEM of the CA; null for the CAs of the system.</param>
/// <param name="Certificate">PEM of the client certificate.</param>
/// <param name="Key">PEM of the client key.</param>
/// <param name="Token">Bearer token.</param>
/// <param name="IsInsecure">Skips the verification of the server certificate.</param>
/// <param name="Namespace">Namespace of the context.</param>
internal sealed record Connection(
    Uri Server, string? Authority = null, string? Certificate = null, string? Key = null, string? Token = null, bool IsInsecure = false, string? Namespace = null);

/// <summary>HTTP handlers with the TLS settings of a connection.</summary>
internal static class Tls
{
    private static readonly TimeSpan ConnectBound = TimeSpan.FromSeconds(5);

    public static HttpMessageHandler Handler(Connection connection)
    {
        var handler = new SocketsHttpHandler { ConnectTimeout = ConnectBound, AutomaticDecompression = System.Net.DecompressionMethods.All };
        try
        {
            if (connection is { Certificate: { } certificate, Key: { } key })
            {
                handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPem(certificate, key)];
            }

            if (connection.IsInsecure)
            {
#pragma warning disable CA5359 // Requested by the kubeconfig: insecure-skip-tls-verify.
                handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
            }
            else if (connection.Authority is { } pem)
            {
                var roots = new X509Certificate2Collection();
                roots.ImportFromPem(pem);
                handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, errors) => IsSigned(presented, errors, roots);
            }
        }
        catch (CryptographicException e)
        {
            handler.Dispose();
            throw new CliException($"The kubeconfig's certificates cannot be read ({e.Message}): write the kubeconfig again, for example with 'orc up'.");
        }

        return handler;
    }

    private static bool IsSigned(X509Certificate? presented, SslPolicyErrors errors, X509Certificate2Collection roots)
    {
        if (presented is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var copy = X509CertificateLoader.LoadCertificate(presented.GetRawCertData());
        return chain.Build(copy);
    }
}
