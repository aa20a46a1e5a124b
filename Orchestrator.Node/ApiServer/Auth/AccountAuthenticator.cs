using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.Tokens;

namespace Orchestrator.Node.ApiServer.Auth;

/// <summary>Whose a token of a ServiceAccount is, if it is valid and everything that it is bound to is still there.</summary>
internal sealed class AccountAuthenticator(AccountTokens tokens, IObjectCache cache, TimeProvider time, Func<string?> notReadyReason)
{
    /// <summary>Checks a token.</summary>
    /// <param name="text">The token.</param>
    /// <param name="audiences">Who asks: the token must be for one of them.</param>
    /// <param name="cancellation">Ends the check.</param>
    /// <exception cref="ApiException">This host is not ready, so that nobody knows.</exception>
    /// <returns>Who it is and who asked with success; otherwise why the token is not valid.</returns>
    public async Task<(Identity? Identity, IReadOnlyList<string> Audiences, string? Error)> CheckAsync(string text, IReadOnlyList<string> audiences, CancellationToken cancellation)
    {
        var (token, error) = await tokens.VerifyAsync(text, audiences).ConfigureAwait(false);
        if (token is null)
        {
            return (null, [], error);
        }

        // Nobody knows what is there before the journal has been read.
        if (notReadyReason() is { } reason)
        {
            throw new ApiException(ApiReason.ServiceUnavailable, $"the server is not ready: {reason}");
        }

        // What is not there may have been created a moment ago, by another host.
        if (TokenLife.Ended(token.Subject, cache, time.GetUtcNow()) is not null)
        {
            await cache.SnapshotAsync(ServiceAccountDefinition.Instance, cancellation).ConfigureAwait(false);
        }

        return TokenLife.Ended(token.Subject, cache, time.GetUtcNow()) is { } ended ? (null, [], ended) : (Identity.Of(token), token.Audiences, null);
    }
}
