using System.Text;
using System.Text.Json;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>Where a list that came in pieces goes on.</summary>
/// <param name="Revision">The snapshot that it is read from; null for whatever there is now.</param>
/// <param name="Namespace">Namespace of the last object that was sent.</param>
/// <param name="Name">Its name.</param>
internal sealed record ContinueToken(long? Revision, string Namespace, string Name)
{
    private const string Form = "meta.k8s.io/v1";

    /// <summary>The token of a list whose last object so far is this one.</summary>
    public static ContinueToken After(KubeObject last, long? revision) => new(revision, last.Namespace, last.Name);

    /// <exception cref="ApiException">400: no server of this program made the text.</exception>
    public static ContinueToken Parse(string text)
    {
        try
        {
            if (JsonSerializer.Deserialize<Fields>(Convert.FromBase64String(text)) is { V: Form, Start: { } start } fields && start.Split('/', 2) is [var ns, var name])
            {
                return new ContinueToken(fields.Rv > 0 ? fields.Rv : null, ns, name);
            }
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            // The same refusal as for a readable text that is no token.
        }

        throw new ApiException(ApiReason.BadRequest, "continue key is not valid");
    }

    /// <summary>Whether an object comes after the last one that was sent.</summary>
    public bool Precedes(KubeObject item) => NamespaceOrder.Instance.Compare(Namespace, item.Namespace) switch
    {
        0 => string.CompareOrdinal(Name, item.Name) < 0,
        var order => order < 0,
    };

    /// <inheritdoc/>
    public override string ToString() => Convert.ToBase64String(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new Fields(Form, Revision ?? -1, $"{Namespace}/{Name}"))));

    private sealed record Fields(
        [property: System.Text.Json.Serialization.JsonPropertyName("v")] string? V,
        [property: System.Text.Json.Serialization.JsonPropertyName("rv")] long Rv,
        [property: System.Text.Json.Serialization.JsonPropertyName("start")] string? Start);
}
