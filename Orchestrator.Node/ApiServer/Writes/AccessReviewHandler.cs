using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Authorization;
using Orchestrator.Actors.Kinds.LocalSubjectAccessReviews;
using Orchestrator.Actors.Kinds.SelfSubjectAccessReviews;
using Orchestrator.Actors.Kinds.SelfSubjectRulesReviews;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Admission;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>POST of a review of access: says what somebody may do, and stores nothing (Kubernetes, "Authorization", checking API access).</summary>
internal sealed class AccessReviewHandler(ApiServices services)
{
    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var review = Decoding.Document(await Decoding.ReadAsync(http).ConfigureAwait(false), request.Path.Served);
        var spec = review["spec"] as JsonObject ?? [];
        var answer = new JsonObject
        {
            ["kind"] = request.Path.Served.Kind,
            ["apiVersion"] = request.Path.Served.ApiVersion,
            ["metadata"] = new JsonObject(),
            ["spec"] = spec.DeepClone(),
            ["status"] = request.Kind == SelfSubjectRulesReviewDefinition.Instance ? Rules(request, spec) : Access(request, spec),
        };
        await StatusErrors.WriteJsonAsync(http, StatusCodes.Status201Created, answer).ConfigureAwait(false);
    }

    private JsonObject Access(RequestInfo request, JsonObject spec)
    {
        var errors = new FieldErrors();
        var isSelf = request.Kind == SelfSubjectAccessReviewDefinition.Instance;
        var (resource, path) = (spec["resourceAttributes"] as JsonObject, spec["nonResourceAttributes"] as JsonObject);
        var (user, groups) = isSelf ? (request.User.Name, request.Identity.Groups)
            : (Text(spec, "user"), (spec["groups"] as JsonArray ?? []).Select(g => (string?)g ?? "").ToImmutableArray());
        if (resource is null == path is null)
        {
            errors.Invalid("spec.resourceAttributes", resource?.DeepClone(), "exactly one of nonResourceAttributes or resourceAttributes must be specified");
        }

        if (!isSelf && user.Length == 0 && groups.IsEmpty)
        {
            errors.Invalid("spec.user", user, "at least one of user or group must be specified");
        }

        if (request.Kind == LocalSubjectAccessReviewDefinition.Instance && Text(resource, "namespace") != request.Path.Namespace)
        {
            errors.Invalid("spec.resourceAttributes.namespace", Text(resource, "namespace"), $"must be {request.Path.Namespace}, as in the URL");
        }

        if (errors.All.Count > 0)
        {
            throw new ApiException(Admitter.Invalid(request.Kind, "", errors.All));
        }

        var wanted = path is not null ? AccessRequest.OfPath(Text(path, "verb"), Text(path, "path"))
            : new AccessRequest(Text(resource, "verb"), Text(resource, "group"), Text(resource, "resource"), Text(resource, "subresource"), Text(resource, "namespace"), Text(resource, "name"));
        return new JsonObject { ["allowed"] = RoleBasedAccess.Allows(user, groups, wanted, services.Cache) };
    }

    private JsonObject Rules(RequestInfo request, JsonObject spec)
    {
        var rules = RoleBasedAccess.RulesFor(request.User.Name, request.Identity.Groups, Text(spec, "namespace"), services.Cache).ToList();
        return new JsonObject
        {
            ["resourceRules"] = new JsonArray([.. rules.Where(r => r.Paths.IsEmpty).Select(r =>
            {
                var rule = new JsonObject { ["verbs"] = List(r.Verbs), ["apiGroups"] = List(r.Groups), ["resources"] = List(r.Resources) };
                if (!r.Names.IsEmpty)
                {
                    rule["resourceNames"] = List(r.Names);
                }

                return rule;
            })]),
            ["nonResourceRules"] = new JsonArray([.. rules.Where(r => !r.Paths.IsEmpty).Select(r => new JsonObject { ["verbs"] = List(r.Verbs), ["nonResourceURLs"] = List(r.Paths) })]),
            ["incomplete"] = false,
        };
    }

    private static JsonArray List(ImmutableArray<string> texts) => [.. texts.Select(t => JsonValue.Create(t))];

    private static string Text(JsonObject? o, string name) => (string?)o?[name] ?? "";
}
