using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Actors.Validation;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Discovery;
using Orchestrator.Node.ApiServer.Reads;
using Orchestrator.Node.ApiServer.Requests;
using Orchestrator.Node.Tokens;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>POST of a ServiceAccount's <c>token</c>: issues one, and stores nothing (Kubernetes, TokenRequest).</summary>
internal sealed class TokenHandler(ApiServices services, ObjectWriter writer)
{
    private const long UsualSeconds = 3600;
    private const long LeastSeconds = 600;
    private const long MostSeconds = 1L << 32;

    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var kind = Subresources.DocumentOf(request.Kind, "token");
        var asked = Decoding.Document(await Decoding.ReadAsync(http).ConfigureAwait(false), kind);
        var account = await writer.CurrentAsync(http, request).ConfigureAwait(false);
        CheckStays(account);
        var spec = asked["spec"] as JsonObject ?? [];
        var wanted = Seconds(request, spec);
        var seconds = Math.Min(wanted, (long)SigningKeys.MaxLifetime.TotalSeconds);
        if (seconds < wanted)
        {
            FieldReport.Of(http).Warn([string.Create(CultureInfo.InvariantCulture, $"spec.expirationSeconds: the token lives {seconds} seconds and not {wanted}: a year is the most")]);
        }

        var subject = new TokenSubject(account.Namespace, account.Name, account.Uid);
        if (spec["boundObjectRef"] is JsonObject reference)
        {
            subject = await BoundAsync(http, request, subject, reference).ConfigureAwait(false);
        }

        var token = services.Tokens.Issue(subject, [.. (spec["audiences"] as JsonArray ?? []).Select(a => (string?)a ?? "").Where(a => a.Length > 0)], TimeSpan.FromSeconds(seconds));
        spec["audiences"] = new JsonArray([.. token.Audiences.Select(a => JsonValue.Create(a))]);
        spec["expirationSeconds"] = seconds;
        await StatusErrors.WriteJsonAsync(http, 201, new JsonObject
        {
            ["kind"] = kind.Kind,
            ["apiVersion"] = kind.ApiVersion,
            ["metadata"] = new JsonObject { ["name"] = account.Name, ["namespace"] = account.Namespace, ["creationTimestamp"] = KubeTime.Text(services.Time.GetUtcNow()) },
            ["spec"] = spec.DeepClone(),
            ["status"] = new JsonObject { ["token"] = token.Text, ["expirationTimestamp"] = KubeTime.Text(token.Expires) },
        }).ConfigureAwait(false);
    }

    private static long Seconds(RequestInfo request, JsonObject spec)
    {
        var seconds = spec["expirationSeconds"].AsInt64() ?? UsualSeconds;
        var errors = new FieldErrors();
        if (seconds < LeastSeconds)
        {
            errors.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
        }
        else if (seconds > MostSeconds)
        {
            errors.Invalid("spec.expirationSeconds", seconds, string.Create(CultureInfo.InvariantCulture, $"may not specify a duration larger than {MostSeconds} seconds"));
        }

        return errors.All.Count == 0 ? seconds : throw ApiException.Invalid(Subresources.DocumentOf(request.Kind, "token"), request.Path.Name, errors.All);
    }

    private async Task<TokenSubject> BoundAsync(HttpContext http, RequestInfo request, TokenSubject subject, JsonObject reference)
    {
        var (kindName, name, uid) = ((string?)reference["kind"] ?? "", (string?)reference["name"] ?? "", (string?)reference["uid"] ?? "");
        if ((string?)reference["apiVersion"] is not (null or "" or "v1") || TokenLife.KindOf(kindName) is not { } kind)
        {
            throw new ApiException(ApiReason.BadRequest, $"cannot bind token for serviceaccount \"{subject.Name}\" to a {kindName} of {reference["apiVersion"]}; use a Pod, Secret or Node of v1");
        }

        if (kind.NameRule(name) is { } wrong)
        {
            var errors = new FieldErrors();
            errors.Invalid("spec.boundObjectRef.name", name, wrong);
            throw ApiException.Invalid(Subresources.DocumentOf(request.Kind, "token"), request.Path.Name, errors.All);
        }

        var key = kind.Key(subject.Namespace, name);
        var found = await FindAsync(http, request, key).ConfigureAwait(false) ?? throw new ApiException(ApiError.NotFound(key)) { Subject = new(kind.Group, kind.Plural, name) };
        if (uid.Length > 0 && uid != found.Uid)
        {
            throw new ApiException(ApiError.Conflict(key, $"the uid in the bound object reference ({uid}) does not match the uid of the object ({found.Uid})")) { Subject = new(kind.Group, kind.Plural, name) };
        }

        CheckStays(found);
        var bound = subject with { Bound = new BoundObject(kindName, found.Name, found.Uid) };
        if (kind != PodDefinition.Instance)
        {
            return bound;
        }

        if (((string?)found.ToNode()["spec"]?["serviceAccountName"] ?? "default") != subject.Name)
        {
            throw new ApiException(ApiReason.BadRequest, $"cannot bind token for serviceaccount \"{subject.Name}\" to pod running with different serviceaccount name");
        }

        return found.NodeName is { Length: > 0 } nodeName && await FindAsync(http, request, NodeDefinition.Instance.Key(null, nodeName)).ConfigureAwait(false) is { } node
            ? bound with { Node = new BoundObject("Node", node.Name, node.Uid) } : bound;
    }

    private void CheckStays(KubeObject o)
    {
        if (TokenLife.IsGoing(o, services.Time.GetUtcNow()))
        {
            throw new ApiException(ApiError.Conflict(o.Key, "it is being deleted, so that no token can depend on it")) { Subject = new(o.Kind.Group, o.Kind.Plural, o.Name) };
        }
    }

    private Task<KubeObject?> FindAsync(HttpContext http, RequestInfo request, ObjectKey key) => services.Store.FindAsync(key, request.User, http.RequestAborted);
}
