using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.ApiServer;

/// <summary>Fields that an update must not change.</summary>
internal static class Immutable
{
    public static void Check(KubeObject current, JsonObject wanted)
    {
        if (current.Kind.Group == "apps" && !JsonNode.DeepEquals(current.ToNode()["spec"]?["selector"], wanted["spec"]?["selector"]))
        {
            throw new ApiException(new ApiError(ApiReason.Invalid,
                $"{current.Kind.Kind}.apps \"{current.Name}\" is invalid: spec.selector: Invalid value: {wanted["spec"]?["selector"]?.ToJsonString()}: field is immutable",
                [new ApiCause("spec.selector", "FieldValueInvalid", "Invalid value: field is immutable")]));
        }
    }
}
