using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Eviction;

namespace Orchestrator.Tests.Agent;

public sealed class NodeStatusBuilderSpec
{
    [Theory]
    [InlineData("""[{"type":"Ready","status":"Unknown"}]""")]
    [InlineData("""[{"type":"Ready","status":"Unknown"},{"type":"KernelDeadlock","status":"False"}]""")]
    public void What_was_reported_is_not_reported_again_whatever_the_order_of_the_conditions(string conditions)
    {
        var services = new AgentServices("n", "127.0.0.1", null!, "simulated", ActorRefs.Nobody, ActorRefs.Nobody, "", TimeProvider.System, null!,
            ImmutableDictionary<string, string>.Empty, "here", new AgentReadiness([]));
        var stored = new JsonObject { ["status"] = new JsonObject { ["conditions"] = JsonNode.Parse(conditions) } };
        Assert.NotNull(Change());
        stored = JsonMerge.Apply(stored, StatusConditions.Merged(stored, Change()!));
        Assert.Null(Change());

        JsonObject? Change() => JsonMerge.Diff(stored, new JsonObject
        {
            ["status"] = NodeStatusBuilder.Status(services, null, null, [], new HashSet<NodePressure>(), stored["status"]?["conditions"] as JsonArray, DateTimeOffset.UnixEpoch),
        });
    }
}
