using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>The version and the incarnation that a client's document is about.</summary>
internal static class Versions
{
    /// <summary>Refuses a document that is made from another version, or for another incarnation, than the current one; one that names neither fits all.</summary>
    public static void Check(KubeObject current, JsonObject document)
    {
        var meta = document["metadata"];
        if (Read((string?)meta?["resourceVersion"], "metadata.resourceVersion") is > 0 and var revision && revision != current.Revision)
        {
            throw new ApiException(ApiError.Stale(current.Key));
        }

        if ((string?)meta?["uid"] is { Length: > 0 } uid && uid != current.Uid)
        {
            throw new ApiException(ApiError.Conflict(current.Key, $"the uid in the request is {uid} but the object's is {current.Uid}"));
        }
    }

    /// <summary>A version as a number; 0 for none.</summary>
    public static long Read(string? text, string field) =>
        text is null or "" ? 0 : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw new ApiException(new ApiError(ApiReason.BadRequest, $"{field}: Invalid value: \"{text}\": use the one that a read returned, or none",
                [new ApiCause(field, "FieldValueInvalid", $"Invalid value: \"{text}\": use the one that a read returned, or none")]));
}
