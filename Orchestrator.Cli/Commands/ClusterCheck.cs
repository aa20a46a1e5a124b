using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands;

/// <summary>A line of <c>orc status</c>: the health of one part of a cluster.</summary>
/// <param name="Name">Name of the part.</param>
/// <param name="IsOk">Whether it is healthy; null if unknown.</param>
/// <param name="Message">Summary of its state.</param>
/// <param name="Objects">Unhealthy objects: <c>NAME (why)</c> or <c>NAMESPACE/NAME (why)</c>.</param>
internal sealed record ClusterCheck(string Name, bool? IsOk, string Message, IReadOnlyList<string> Objects)
{
    private const int Shown = 3;

    /// <summary>Creates a check without objects.</summary>
    public ClusterCheck(string name, bool? isOk, string message) : this(name, isOk, message, [])
    {
    }

    /// <summary><c>ok</c>, <c>failed</c> or <c>unknown</c>.</summary>
    public string Status => IsOk switch { true => "ok", false => "failed", null => "unknown" };

    /// <summary>The message with the first objects.</summary>
    public string Line => Objects.Count == 0 ? Message
        : $"{Message}: {string.Join(", ", Objects.Take(Shown))}{(Objects.Count > Shown ? $" and {Objects.Count - Shown} more" : "")}";

    public JsonObject ToNode() => new()
    {
        ["name"] = Name, ["status"] = Status, ["message"] = Message, ["objects"] = new JsonArray([.. Objects.Select(o => JsonValue.Create(o))]),
    };
}
