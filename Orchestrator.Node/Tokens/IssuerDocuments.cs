using System.Net;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace Orchestrator.Node.Tokens;

/// <summary>What others need to verify tokens by themselves (OpenID Connect Discovery; Kubernetes, "Configure Service Accounts", issuer discovery).</summary>
internal static class IssuerDocuments
{
    /// <summary>Path of the issuer's configuration.</summary>
    public const string ConfigurationPath = "/.well-known/openid-configuration";

    /// <summary>Path of the public keys.</summary>
    public const string KeysPath = "/openid/v1/jwks";

    /// <summary>The issuer's configuration.</summary>
    /// <param name="server">The address of the API server.</param>
    public static JsonObject Configuration(IPEndPoint server) => new()
    {
        ["issuer"] = AccountTokens.Issuer,
        ["jwks_uri"] = $"https://{server}{KeysPath}",
        ["response_types_supported"] = new JsonArray("id_token"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray(SecurityAlgorithms.EcdsaSha256),
    };

    /// <summary>The public keys (RFC 7517).</summary>
    public static JsonObject Keys(IEnumerable<SigningKey> keys) => new()
    {
        ["keys"] = new JsonArray([.. keys.Select(k => (JsonNode)new JsonObject
        {
            ["use"] = "sig", ["kty"] = "EC", ["kid"] = k.Id, ["crv"] = "P-256", ["alg"] = SecurityAlgorithms.EcdsaSha256,
            ["x"] = Base64UrlEncoder.Encode(k.Public.Q.X), ["y"] = Base64UrlEncoder.Encode(k.Public.Q.Y),
        })]),
    };
}
