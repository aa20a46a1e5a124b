using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Node.Tokens;

namespace Orchestrator.Node.ApiServer.Auth;

/// <summary>Somebody who was authenticated.</summary>
/// <param name="User">The user, as the journal records it.</param>
/// <param name="Uid">The user's uid; empty if there is none.</param>
/// <param name="Extra">What else is known, such as the pod whose token it is.</param>
internal sealed record Identity(UserInfo User, string Uid, ImmutableSortedDictionary<string, string> Extra)
{
    private const string Prefix = "authentication.kubernetes.io/";

    /// <summary>Somebody of whom nothing else is known.</summary>
    public static Identity Of(UserInfo user) => new(user, "", ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>The account of a token.</summary>
    public static Identity Of(VerifiedToken token)
    {
        var extra = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        extra[$"{Prefix}credential-id"] = $"JTI={token.Id}";
        var node = token.Subject.Bound is { Kind: "Node" } bound ? bound : token.Subject.Node;
        if (token.Subject.Bound is { Kind: "Pod" } pod)
        {
            (extra[$"{Prefix}pod-name"], extra[$"{Prefix}pod-uid"]) = (pod.Name, pod.Uid);
        }

        if (node is not null)
        {
            (extra[$"{Prefix}node-name"], extra[$"{Prefix}node-uid"]) = (node.Name, node.Uid);
        }

        return new Identity(token.Subject.User, token.Subject.Uid, extra.ToImmutable());
    }

    /// <summary>The groups, and that of everybody who was authenticated, which the journal leaves out.</summary>
    public ImmutableArray<string> Groups => [.. User.Groups, UserInfo.Authenticated];
}
