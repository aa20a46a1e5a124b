using System.Text;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Journal;

/// <summary>The state of an entity, so that recovery does not read its whole history.</summary>
/// <param name="Json">Canonical JSON of the object; empty if it is deleted.</param>
/// <param name="Revision">Revision of the last event that it includes.</param>
public sealed record ObjectSnapshot(string Json, long Revision)
{
    /// <summary>Creates a snapshot of an object.</summary>
    public static ObjectSnapshot Of(KubeObject? state, long revision) => new(state is null ? "" : Encoding.UTF8.GetString(state.Json.Span), revision);

    /// <summary>Returns the object; null if it is deleted.</summary>
    public KubeObject? ToObject(ResourceDefinition kind) => Json.Length == 0 ? null : KubeObject.From(kind, Encoding.UTF8.GetBytes(Json));
}
