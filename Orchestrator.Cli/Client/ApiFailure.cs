using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Client;

/// <summary>An error returned by the API server.</summary>
internal sealed class ApiFailure(int code, string? reason, string message, int retryAfter = 0)
    : CliException(reason is { Length: > 0 } ? $"Error from server ({reason}): {message}" : $"Error from server ({code}): {message}")
{
    public int Code => code;

    public string Reason => reason ?? "";

    public int RetryAfter => retryAfter;

    public static ApiFailure From(int code, string body)
    {
        try
        {
            if (JsonNode.Parse(body) is JsonObject status && status.Text("kind") == "Status")
            {
                return From(status, code);
            }
        }
        catch (System.Text.Json.JsonException)
        {
            // Not a Status object: use the text as the message.
        }

        return new ApiFailure(code, null, body.Trim() is { Length: > 0 } text ? text : "the server gave no reason");
    }

    public static ApiFailure From(JsonNode? status, int code = 0) => new(
        (int)(status.Number("code") ?? code), status.Text("reason"), status.Text("message") ?? "the server gave no reason", (int)(status.Number("details", "retryAfterSeconds") ?? 0));
}
