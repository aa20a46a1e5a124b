using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.ComponentStatuses;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>The ComponentStatuses of this host, made when they are read: what <c>/readyz</c> says, in the older form.</summary>
internal static class ComponentStatuses
{
    /// <summary>All of them, as of the cache's revision.</summary>
    public static KindSnapshot Snapshot(ApiServices services)
    {
        var started = services.NotReadyReason();
        var components = new[] { ("controller-manager", started), ("journal", services.Trouble()), ("scheduler", started) };
        return new KindSnapshot(services.Cache.Snapshot(ComponentStatusDefinition.Instance).Revision,
            ObjectMap.Of(components.Select(c => ComponentStatusDefinition.Create(c.Item1, c.Item2))));
    }
}
