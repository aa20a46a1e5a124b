using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.Certificates;

namespace Orchestrator.Node.ApiServer.Auth;

/// <summary>Who sends a request: by client certificate of the cluster's CA or by bearer token. Nobody else is let in.</summary>
internal sealed class Authenticator(Authority authority, string adminToken)
{
    private const string Impersonation = "Impersonate-";
    private static readonly UserInfo Admin = new("kubernetes-admin", [UserInfo.Masters]);
    private readonly byte[] _token = Encoding.UTF8.GetBytes(adminToken);

    /// <summary>The user who asks.</summary>
    /// <exception cref="ApiException">Nobody known, or somebody who wants to act as another.</exception>
    public UserInfo User(HttpContext http)
    {
        var user = OfCertificate(http.Connection.ClientCertificate) ?? OfToken(http.Request.Headers.Authorization.ToString())
            ?? throw new ApiException(ApiReason.Unauthorized, "Unauthorized");

        // To ignore the header would do as the administrator what was to be tried as somebody with fewer rights.
        return http.Request.Headers.Keys.FirstOrDefault(h => h.StartsWith(Impersonation, StringComparison.OrdinalIgnoreCase)) is not { } header ? user
            : throw new ApiException(ApiReason.Forbidden, $"{header}: user \"{user.Name}\" cannot act as somebody else: impersonation is not supported; leave --as and --as-group out");
    }

    // Only members of system:masters exist until RBAC does.
    private UserInfo? OfCertificate(X509Certificate2? certificate) =>
        certificate is not null && SubjectName.Read(certificate.SubjectName) is { CommonName: { } name } subject
        && subject.Organizations.Contains(UserInfo.Masters) && authority.Signed(certificate, Usage.Client)
            ? new UserInfo(name, [.. subject.Organizations])
            : null;

    private UserInfo? OfToken(string header) =>
        header.StartsWith("Bearer ", StringComparison.Ordinal)
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header["Bearer ".Length..].Trim()), _token) ? Admin : null;
}
