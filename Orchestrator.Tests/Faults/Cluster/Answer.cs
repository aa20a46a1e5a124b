using System.Text.Json.Nodes;

namespace Orchestrator.Tests.Faults.Cluster;

/// <summary>How a request ended.</summary>
/// <param name="Status">HTTP status; 0 without an answer.</param>
/// <param name="Body">The JSON of an answer; null without.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="WasSent">False if there was nobody to send it to.</param>
internal sealed record Answer(int Status, JsonNode? Body, string Message = "", bool WasSent = true)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>What the answer says about a write, by docs/design/api.md.</summary>
    public Outcome Outcome => Status switch
    {
        >= 200 and < 300 => Outcome.Acknowledged,
        0 => WasSent ? Outcome.Unknown : Outcome.Refused,
        500 or 502 or 504 => Outcome.Unknown,
        _ => Outcome.Refused,
    };

    /// <summary>Version of the object or list; 0 if it has none.</summary>
    public long Revision => IsSuccess && (string?)Body?["metadata"]?["resourceVersion"] is { } text && long.TryParse(text, out var revision) ? revision : 0;
}
