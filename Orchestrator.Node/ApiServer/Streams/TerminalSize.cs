using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>Reads sizes of terminals as kubectl sends them: JSON documents one after the other.</summary>
internal static class TerminalSize
{
    /// <summary>Reads one such as <c>{"Width":80,"Height":24}</c>; null if it is none.</summary>
    public static (int Width, int Height)? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonNode.Parse(json) is JsonObject size && (int?)size["Width"] is { } width and > 0 and <= ushort.MaxValue && (int?)size["Height"] is { } height and > 0 and <= ushort.MaxValue
                ? (width, height) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
