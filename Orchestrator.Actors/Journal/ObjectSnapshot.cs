using System.Text;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Journal;

/// <summary>An entity's state, so that recovery need not read the whole history.</summary>
/// <param name="Json">The object's canonical JSON; empty when it is deleted.</param>
/// <param name="Revision">Revision of the last event folded in.</param>
public sealed record ObjectSnapshot(string Json, long Revision)
{
    /// <summary>The state after an event.</summary>
    public static ObjectSnapshot Of(KubeObject? state, long revision) => new(state is null ? "" : Encoding.UTF8.GetString(state.Json.Span), revision);

    /// <summary>The object; null when it is deleted.</summary>
    public KubeObject? ToObject(ResourceDefinition kind) => Json.Length == 0 ? null : KubeObject.From(kind, Encoding.UTF8.GetBytes(Json));
}
