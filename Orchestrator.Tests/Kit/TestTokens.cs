using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.Certificates;
using Orchestrator.Node.Tokens;

namespace Orchestrator.Tests.Kit;

/// <summary>Tokens of an authority.</summary>
internal static class TestTokens
{
    public static AccountTokens Of(Authority authority, TimeProvider? time = null) => new(new SigningKeys(authority.Pair), new RandomIdSource(), time ?? TimeProvider.System);

    public static Authenticator Authenticator(Authority authority, string adminToken, IObjectCache cache) => new(authority, adminToken, new AccountAuthenticator(Of(authority), cache, () => null));
}
