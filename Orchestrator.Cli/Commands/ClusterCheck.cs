using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands;

/// <summary>What <c>orc status</c> says of one part of a cluster.</summary>
/// <param name="Name">The part.</param>
/// <param name="IsOk">Whether it is as it should be; null if that is not known.</param>
/// <param name="Message">How it is.</param>
/// <param name="Objects">What is not as it should be: <c>NAME (why)</c> or <c>NAMESPACE/NAME (why)</c>.</param>
internal sealed record ClusterCheck(string Name, bool? IsOk, string Message, IReadOnlyList<string> Objects)
{
    private const int Shown = 3;

    /// <summary>A part without objects to name.</summary>
    public ClusterCheck(string name, bool? isOk, string message) : this(name, isOk, message, [])
    {
    }

    /// <summary><c>ok</c>, <c>failed</c> or <c>unknown</c>.</summary>
    public string Status => IsOk switch { true => "ok", false => "failed", null => "unknown" };

    /// <summary>The message with the first of the objects.</summary>
    public string Line => Objects.Count == 0 ? Message
        : $"{Message}: {string.Join(", ", Objects.Take(Shown))}{(Objects.Count > Shown ? $" and {Objects.Count - Shown} more" : "")}";

    public JsonObject ToNode() => new()
    {
        ["name"] = Name, ["status"] = Status, ["message"] = Message, ["objects"] = new JsonArray([.. Objects.Select(o => JsonValue.Create(o))]),
    };
}
