using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Rules of Nodes.</summary>
internal sealed class NodeStrategy : ResourceStrategy
{
    /// <summary>Keeps the status, because the agent creates the node with it.</summary>
    public override void PrepareForCreate(JsonObject o)
    {
    }
}
