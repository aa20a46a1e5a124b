using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Node.Docker;

/// <summary>An event of the engine about a container.</summary>
/// <param name="PodUid">Uid of its pod.</param>
/// <param name="Id">Id of the container.</param>
/// <param name="Action">Such as <c>start</c>, <c>die</c> or <c>destroy</c>.</param>
internal sealed record EngineEvent(string PodUid, string Id, string Action)
{
    /// <summary>No event: the stream is open.</summary>
    public static readonly EngineEvent Open = new("", "", "");

    /// <summary>Reads a line of the stream; null if it is not about a container of a pod.</summary>
    public static EngineEvent? Parse(string line)
    {
        try
        {
            var told = JsonNode.Parse(line);
            return (string?)told?["Actor"]?["Attributes"]?[DockerLabels.PodUid] is { Length: > 0 } uid
                ? new EngineEvent(uid, (string?)told!["Actor"]!["ID"] ?? "", (string?)told["Action"] ?? "") : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
