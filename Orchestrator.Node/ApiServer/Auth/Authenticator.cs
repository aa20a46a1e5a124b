using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.Certificates;
using Orchestrator.Node.Tokens;

namespace Orchestrator.Node.ApiServer.Auth;

/// <summary>Who sends a request: by bearer token or by client certificate of the cluster's CA; the token decides if there is one. Nobody else is let in.</summary>
internal sealed class Authenticator(Authority authority, string adminToken, AccountAuthenticator accounts)
{
    private const string Impersonation = "Impersonate-";
    private const string Scheme = "Bearer ";
    private static readonly Identity Admin = Identity.Of(new UserInfo("kubernetes-admin", [UserInfo.Masters]));
    private static readonly string[] OwnAudience = [AccountTokens.Issuer];
    private readonly byte[] _token = Encoding.UTF8.GetBytes(adminToken);

    /// <summary>The user who asks.</summary>
    /// <exception cref="ApiException">Nobody known, or somebody who wants to act as another.</exception>
    public async ValueTask<Identity> AuthenticateAsync(HttpContext http)
    {
        // A header says on purpose who asks. kubectl sends the certificate of its configuration also with --token.
        var header = http.Request.Headers.Authorization;
        var user = (header.Count > 0 ? await OfHeaderAsync(header.ToString(), http.RequestAborted).ConfigureAwait(false) : OfCertificate(http.Connection.ClientCertificate))
            ?? throw new ApiException(ApiReason.Unauthorized, "Unauthorized");

        // To ignore the header would do as the administrator what was to be tried as somebody with fewer rights.
        return http.Request.Headers.Keys.FirstOrDefault(h => h.StartsWith(Impersonation, StringComparison.OrdinalIgnoreCase)) is not { } other ? user
            : throw new ApiException(ApiReason.Forbidden, $"{other}: user \"{user.User.Name}\" cannot act as somebody else: impersonation is not supported; leave --as and --as-group out");
    }

    /// <summary>Whose a token is.</summary>
    /// <param name="token">The token.</param>
    /// <param name="audiences">Who asks: the token must be for one of them.</param>
    /// <param name="cancellation">Ends the check.</param>
    /// <returns>Who it is and who asked with success; otherwise why nobody is found.</returns>
    public async Task<(Identity? Identity, IReadOnlyList<string> Audiences, string? Error)> CheckAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellation) =>
        IsAdmins(token) && audiences.Contains(AccountTokens.Issuer) ? (Admin, OwnAudience, null) : await accounts.CheckAsync(token, audiences, cancellation).ConfigureAwait(false);

    private Identity? OfCertificate(X509Certificate2? certificate) =>
        certificate is not null && SubjectName.Read(certificate.SubjectName) is { CommonName: { } name } subject && authority.Signed(certificate, Usage.Client)
            ? Identity.Of(new UserInfo(name, [.. subject.Organizations]))
            : null;

    private async ValueTask<Identity?> OfHeaderAsync(string header, CancellationToken cancellation) => header.StartsWith(Scheme, StringComparison.Ordinal)
        ? (await CheckAsync(header[Scheme.Length..].Trim(), OwnAudience, cancellation).ConfigureAwait(false)).Identity : null;

    private bool IsAdmins(string token) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), _token);
}
