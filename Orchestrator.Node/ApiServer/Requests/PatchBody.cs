using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Api.Patches;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>A patch of one of the three kinds, as the request's media type says.</summary>
internal sealed class PatchBody
{
    private const string Merge = "application/merge-patch+json";
    private const string Strategic = "application/strategic-merge-patch+json";
    private const string Operations = "application/json-patch+json";

    private readonly string _type;
    private readonly JsonNode _patch;

    private PatchBody(string type, JsonNode patch) => (_type, _patch) = (type, patch);

    /// <summary>The media types of the patches that objects of a kind take. Which lists merge is known of the types of Kubernetes only.</summary>
    public static string[] TypesOf(ResourceDefinition kind) => kind.Model is null ? [Operations, Merge] : [Operations, Merge, Strategic];

    /// <summary>Reads the request's patch.</summary>
    public static async Task<PatchBody> ReadAsync(HttpContext http, List<string>? duplicates = null)
    {
        var type = http.Request.ContentType?.Split(';')[0].Trim();
        if (type is not (Merge or Strategic or Operations))
        {
            throw new ApiException(ApiReason.UnsupportedMediaType, "the body of the request was in an unknown format - accepted media types include: "
                + $"{Operations}, {Merge}, {Strategic}");
        }

        var patch = Decoding.Parse(await Decoding.BodyAsync(http).ConfigureAwait(false), type, duplicates);
        return (type, patch) is (Operations, JsonArray) or (Merge or Strategic, JsonObject)
            ? new PatchBody(type, patch!)
            : throw new ApiException(ApiReason.BadRequest, "a JSON patch is an array of operations; a merge patch is an object");
    }

    /// <summary>The patched document.</summary>
    /// <param name="target">The document; may be changed.</param>
    /// <param name="kind">The kind of the document.</param>
    public JsonObject Apply(JsonObject target, ResourceDefinition kind)
    {
        if (!TypesOf(kind).Contains(_type))
        {
            throw new ApiException(ApiReason.UnsupportedMediaType, $"{kind.Resource} takes no strategic merge patch: send {Merge} or {Operations}");
        }

        var (result, error) = _type switch
        {
            Merge => (JsonMerge.Apply(target, (JsonObject)_patch), null),
            Strategic => StrategicMergePatch.Apply(target, (JsonObject)_patch, kind.Schema),
            _ => JsonPatch.Apply(target, (JsonArray)_patch),
        };

        // kubectl shows the causes of an invalid request, and its message only when there is no subject.
        return result ?? throw new ApiException(new ApiError(ApiReason.Invalid, $"the patch does not apply: {error}", [new ApiCause("patch", "FieldValueInvalid", $"Invalid value: {error}")]));
    }
}
