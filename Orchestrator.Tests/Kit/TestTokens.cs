using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.Certificates;
using Orchestrator.Node.Tokens;

namespace Orchestrator.Tests.Kit;

/// <summary>Tokens of an authority.</summary>
internal static class TestTokens
{
    public static AccountTokens Of(Authority authority, TimeProvider? time = null) => new(new SigningKeys(authority.Pair), new RandomIdSource(), time ?? TimeProvider.System);

    public static Authenticator Authenticator(Authority authority, string adminToken, IObjectCache cache) => new(authority, adminToken, new AccountAuthenticator(Of(authority), cache, TimeProvider.System, () => null));
}

/// <summary>Tokens that are numbers.</summary>
internal sealed class NumberedTokens(TimeProvider time) : IAccountTokens
{
    private readonly List<TokenSubject> _issued = [];

    /// <summary>For whom tokens were issued.</summary>
    public IReadOnlyList<TokenSubject> Issued => _issued;

    public IssuedToken Issue(TokenSubject subject, IReadOnlyList<string> audiences, TimeSpan lifetime)
    {
        _issued.Add(subject);
        return new IssuedToken($"token-{_issued.Count}", audiences, time.GetUtcNow() + lifetime);
    }
}
