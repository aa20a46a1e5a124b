using System.Text;
using System.Text.Json;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>Where a list that came in pieces goes on.</summary>
/// <param name="Revision">The snapshot that it is read from; null for whatever there is now.</param>
/// <param name="After">Key of the last object that was sent.</param>
internal sealed record ContinueToken(long? Revision, string After)
{
    private const string Form = "meta.k8s.io/v1";

    /// <exception cref="ApiException">400: no server of this program made the text.</exception>
    public static ContinueToken Parse(string text)
    {
        try
        {
            if (JsonSerializer.Deserialize<Fields>(Convert.FromBase64String(text)) is { V: Form, Start: { } start } fields)
            {
                return new ContinueToken(fields.Rv > 0 ? fields.Rv : null, start);
            }
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            // The same refusal as for a readable text that is no token.
        }

        throw new ApiException(ApiReason.BadRequest, "continue key is not valid");
    }

    /// <inheritdoc/>
    public override string ToString() => Convert.ToBase64String(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new Fields(Form, Revision ?? -1, After))));

    private sealed record Fields(
        [property: System.Text.Json.Serialization.JsonPropertyName("v")] string? V,
        [property: System.Text.Json.Serialization.JsonPropertyName("rv")] long Rv,
        [property: System.Text.Json.Serialization.JsonPropertyName("start")] string? Start);
}
