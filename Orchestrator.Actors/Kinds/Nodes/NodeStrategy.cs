using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Rules of Nodes.</summary>
internal sealed class NodeStrategy : ResourceStrategy
{
    /// <summary>A node's agent brings its first status along.</summary>
    public override void PrepareForCreate(JsonObject o)
    {
    }
}
