using Akka.Actor;
using Akka.Cluster.Routing;
using Akka.Routing;

namespace Orchestrator.Node.Hosting;

/// <summary>Reaches all control hosts of the cluster.</summary>
internal static class ControlHosts
{
    private const int Max = 100;

    /// <summary>A router to the actor of this name on every control host, this one too: not through a singleton, so that none of them is the only one that can answer.</summary>
    public static Props Receiving(string actor) => new ClusterRouterGroup(new BroadcastGroup($"/user/{actor}"),
        new ClusterRouterGroupSettings(Max, [$"/user/{actor}"], allowLocalRoutees: true, useRole: "control")).Props();
}
