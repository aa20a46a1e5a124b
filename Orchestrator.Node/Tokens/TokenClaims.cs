using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Orchestrator.Actors.Kinds.ServiceAccounts;

namespace Orchestrator.Node.Tokens;

/// <summary>The claim <c>kubernetes.io</c> of a token: its account, and what it is bound to.</summary>
internal static class TokenClaims
{
    /// <summary>Name of the claim.</summary>
    public const string Name = "kubernetes.io";

    private const string Account = "serviceaccount";
    private static readonly string[] Bound = ["Pod", "Secret", "Node"];

    /// <summary>Writes the claim.</summary>
    public static Dictionary<string, object> Write(TokenSubject subject)
    {
        var claim = new Dictionary<string, object>
        {
            ["namespace"] = subject.Namespace,
            [Account] = Of(subject.Name, subject.Uid),
        };
        foreach (var o in ((BoundObject?[])[subject.Bound, subject.Node]).OfType<BoundObject>())
        {
            claim[o.Kind.ToLowerInvariant()] = Of(o.Name, o.Uid);
        }

        return claim;
    }

    /// <summary>Reads the claim; null if it is not complete or contradicts the token's subject.</summary>
    public static TokenSubject? Read(JsonWebToken token)
    {
        if (!token.TryGetPayloadValue<JsonElement>(Name, out var claim) || claim.ValueKind != JsonValueKind.Object
            || !claim.TryGetProperty("namespace", out var ns) || ns.ValueKind != JsonValueKind.String || Read(claim, Account) is not { } account)
        {
            return null;
        }

        var found = Bound.Select(kind => Read(claim, kind)).OfType<BoundObject>().ToList();
        var subject = new TokenSubject(ns.GetString()!, account.Name, account.Uid, found.FirstOrDefault(), found.Skip(1).FirstOrDefault());
        return subject.UserName == token.Subject ? subject : null;
    }

    private static Dictionary<string, object> Of(string name, string uid) => new() { ["name"] = name, ["uid"] = uid };

    private static BoundObject? Read(JsonElement claim, string kind) =>
        claim.TryGetProperty(kind.ToLowerInvariant(), out var o) && o.ValueKind == JsonValueKind.Object && Text(o, "name") is { } name && Text(o, "uid") is { } uid ? new BoundObject(kind, name, uid) : null;

    private static string? Text(JsonElement o, string name) => o.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
