using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.ServiceAccounts;

namespace Orchestrator.Node.Tokens;

/// <summary>Issues tokens of ServiceAccounts and reads them. A token is a JWT with the claims of Kubernetes ("Managing Service Accounts", bound tokens).</summary>
internal sealed class AccountTokens(SigningKeys keys, IIdSource ids, TimeProvider time) : IAccountTokens
{
    /// <summary>Who issues the tokens, and who accepts one that names nobody else: the API server.</summary>
    public const string Issuer = "https://kubernetes.default.svc.cluster.local";

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>The keys that tokens are signed with.</summary>
    public SigningKeys Keys => keys;

    /// <inheritdoc/>
    public IssuedToken Issue(TokenSubject subject, IReadOnlyList<string> audiences, TimeSpan lifetime)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var expires = now + (lifetime < SigningKeys.MaxLifetime ? lifetime : SigningKeys.MaxLifetime);
        var whom = audiences.Count == 0 ? [Issuer] : audiences;
        var text = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            Claims = new Dictionary<string, object>
            {
                [JwtRegisteredClaimNames.Aud] = whom.ToList(),
                [JwtRegisteredClaimNames.Sub] = subject.UserName,
                [JwtRegisteredClaimNames.Jti] = ids.NewUid(),
                [TokenClaims.Name] = TokenClaims.Write(subject),
            },
            SigningCredentials = new SigningCredentials(keys.Current(now).Security, SecurityAlgorithms.EcdsaSha256),
        });
        return new IssuedToken(text, whom, expires);
    }

    /// <summary>Checks the signature, the times and the audience of a token. Whether its account is still there is not checked.</summary>
    /// <param name="text">The token.</param>
    /// <param name="audiences">Who asks: the token must be for one of them.</param>
    /// <returns>The token, or why it is not valid.</returns>
    public async Task<(VerifiedToken? Token, string? Error)> VerifyAsync(string text, IReadOnlyList<string> audiences)
    {
        var now = time.GetUtcNow();
        var result = await _handler.ValidateTokenAsync(text, new TokenValidationParameters
        {
            ValidIssuer = Issuer,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            RequireSignedTokens = true,
            IssuerSigningKeyResolver = (_, _, kid, _) => keys.Valid(now).Where(k => k.Id == kid).Select(k => k.Security),
            AudienceValidator = (given, _, _) => given.Intersect(audiences).Any(),
            LifetimeValidator = (begin, end, _, _) => begin is { } b && end is { } e && b <= (now + Skew).UtcDateTime && e > (now - Skew).UtcDateTime,
        }).ConfigureAwait(false);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken token)
        {
            return (null, Why(result.Exception));
        }

        return TokenClaims.Read(token) is { } subject ? (new VerifiedToken(subject, token.Id, [.. token.Audiences.Intersect(audiences)]), null) : (null, "it is not the token of a service account");
    }

    // The library's own messages show parts of the token.
    private static string Why(Exception? fault) => fault switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException => "it has expired or is not valid yet",
        SecurityTokenInvalidAudienceException => "it is for other audiences",
        SecurityTokenInvalidIssuerException => "it is of another issuer",
        SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidSignatureException => "it is not signed with a key of this cluster",
        _ => "it cannot be read",
    };
}

/// <summary>A token whose signature, times and audience are good.</summary>
/// <param name="Subject">Whom it is for.</param>
/// <param name="Id">Its <c>jti</c>.</param>
/// <param name="Audiences">Those who asked and whom it is for.</param>
internal sealed record VerifiedToken(TokenSubject Subject, string Id, IReadOnlyList<string> Audiences);
