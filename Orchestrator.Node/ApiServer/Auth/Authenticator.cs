using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Orchestrator.Node.Certificates;

namespace Orchestrator.Node.ApiServer.Auth;

/// <summary>Who sends a request: by client certificate of the cluster's CA or by bearer token. Nobody else is let in.</summary>
internal sealed class Authenticator(Authority authority, string adminToken)
{
    private readonly byte[] _token = Encoding.UTF8.GetBytes(adminToken);

    /// <summary>The user's name; null for anonymous.</summary>
    public string? User(HttpContext http)
    {
        // Only members of system:masters exist until RBAC does.
        if (http.Connection.ClientCertificate is { } certificate && authority.Signed(certificate)
            && certificate.Subject.Contains("O=system:masters", StringComparison.Ordinal))
        {
            return certificate.GetNameInfo(X509NameType.SimpleName, false);
        }

        var header = http.Request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.Ordinal)
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header["Bearer ".Length..].Trim()), _token)
            ? "kubernetes-admin"
            : null;
    }
}
