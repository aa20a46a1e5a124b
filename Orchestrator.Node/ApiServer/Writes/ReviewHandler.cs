using System.Text.Json.Nodes;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.ApiServer.Requests;
using Orchestrator.Node.Tokens;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>POST of a review: says who somebody is, and stores nothing (Kubernetes, TokenReview and SelfSubjectReview).</summary>
internal sealed class ReviewHandler(Authenticator authenticator)
{
    /// <summary>Who has a token.</summary>
    public async Task TokenAsync(HttpContext http, RequestInfo request)
    {
        var review = Decoding.Document(await Decoding.ReadAsync(http).ConfigureAwait(false), request.Path.Served);
        var spec = review["spec"] as JsonObject ?? [];
        IReadOnlyList<string> audiences = [.. (spec["audiences"] as JsonArray ?? []).Select(a => (string?)a ?? "")];
        var (identity, accepted, error) = await authenticator.CheckAsync((string?)spec["token"] ?? "", audiences.Count > 0 ? audiences : [AccountTokens.Issuer], http.RequestAborted).ConfigureAwait(false);
        var status = identity is null ? new JsonObject { ["user"] = new JsonObject(), ["error"] = error }
            : new JsonObject { ["authenticated"] = true, ["user"] = User(identity), ["audiences"] = new JsonArray([.. accepted.Select(a => JsonValue.Create(a))]) };
        await AnswerAsync(http, request, spec, status).ConfigureAwait(false);
    }

    /// <summary>Who asks.</summary>
    public async Task SelfAsync(HttpContext http, RequestInfo request)
    {
        _ = Decoding.Document(await Decoding.ReadAsync(http).ConfigureAwait(false), request.Path.Served);
        await AnswerAsync(http, request, null, new JsonObject { ["userInfo"] = User(request.Identity) }).ConfigureAwait(false);
    }

    private static Task AnswerAsync(HttpContext http, RequestInfo request, JsonObject? spec, JsonObject status)
    {
        var answer = new JsonObject { ["kind"] = request.Path.Served.Kind, ["apiVersion"] = request.Path.Served.ApiVersion, ["metadata"] = new JsonObject() };
        if (spec is not null)
        {
            answer["spec"] = spec.DeepClone();
        }

        answer["status"] = status;
        return StatusErrors.WriteJsonAsync(http, 201, answer);
    }

    private static JsonObject User(Identity who)
    {
        var user = new JsonObject { ["username"] = who.User.Name };
        if (who.Uid.Length > 0)
        {
            user["uid"] = who.Uid;
        }

        user["groups"] = new JsonArray([.. who.Groups.Select(g => JsonValue.Create(g))]);
        if (who.Extra.Count > 0)
        {
            user["extra"] = new JsonObject(who.Extra.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)new JsonArray(e.Value))));
        }

        return user;
    }
}
