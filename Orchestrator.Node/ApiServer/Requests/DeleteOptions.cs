using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Discovery;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>How an object is to be deleted: from the body of a deletion, from that of an eviction, or from the query.</summary>
/// <param name="GraceSeconds">Null: the pod's own.</param>
/// <param name="Propagation"><c>Background</c>, <c>Foreground</c> or <c>Orphan</c>.</param>
/// <param name="Uid">Precondition; null for none.</param>
/// <param name="Revision">Precondition; 0 for none.</param>
/// <param name="IsDryRun">Whether nothing is to be stored.</param>
internal sealed record DeleteOptions(long? GraceSeconds, string Propagation, string? Uid, long Revision, bool IsDryRun)
{
    private const string Version = "preconditions.resourceVersion";

    /// <summary>Reads the request's options; the body goes before the query.</summary>
    public static async Task<DeleteOptions> ReadAsync(HttpContext http, ResourcePath path)
    {
        var node = await Decoding.ReadAsync(http, mayBeEmpty: true).ConfigureAwait(false);
        var document = path.Subresource == "eviction" ? Subresources.DocumentOf(path.Kind, "eviction") : Subresources.DeleteOptions;
        var body = node is null ? [] : Decoding.Document(node, document);
        var options = path.Subresource == "eviction" ? body["deleteOptions"] as JsonObject ?? [] : body;
        var grace = options["gracePeriodSeconds"].AsInt64() ?? Queries.Whole(http, "gracePeriodSeconds");
        if (grace < 0)
        {
            throw Wrong(path, "gracePeriodSeconds", grace.Value, "must be greater than or equal to 0");
        }

        var text = (string?)options["preconditions"]?["resourceVersion"];
        if (!long.TryParse(text ?? "1", NumberStyles.None, CultureInfo.InvariantCulture, out var revision) || revision == 0)
        {
            throw Wrong(path, Version, text, "use the one that a read returned");
        }

        return new DeleteOptions(grace, PropagationOf(http, options), (string?)options["preconditions"]?["uid"], text is null ? 0 : revision,
            Queries.IsDryRun(http, options["dryRun"]));
    }

    private static string PropagationOf(HttpContext http, JsonObject options)
    {
        var propagation = (string?)options["propagationPolicy"]
            ?? (http.Request.Query["propagationPolicy"].ToString() is { Length: > 0 } q ? q : (bool?)options["orphanDependents"] == true ? "Orphan" : "Background");
        return propagation is "Background" or "Foreground" or "Orphan"
            ? propagation
            : throw Queries.Option(http, "propagationPolicy", propagation, "\"Background\", \"Foreground\", \"Orphan\"");
    }

    private static ApiException Wrong(ResourcePath path, string field, JsonNode? value, string why)
    {
        var causes = new FieldErrors();
        causes.Invalid(path.Subresource == "eviction" ? $"deleteOptions.{field}" : field, value, why);
        return ApiException.Invalid(Subresources.DeleteOptions, "", causes.All);
    }
}
