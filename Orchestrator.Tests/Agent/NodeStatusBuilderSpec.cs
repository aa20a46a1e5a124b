using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.NodeSetup;
using Orchestrator.Node.Ingress;

namespace Orchestrator.Tests.Agent;

public sealed class NodeStatusBuilderSpec
{
    [Fact]
    public void A_node_is_registered_with_the_labels_and_taints_of_its_host()
    {
        var registration = new NodeRegistration(ImmutableSortedDictionary<string, string>.Empty.Add("disk", "ssd"), [("gpu", "", "NoSchedule"), ("team", "a", "NoExecute")], IsSchedulable: false);
        var node = NodeStatusBuilder.Object(Services with { Registration = registration });
        Assert.Equal(("ssd", "n"), ((string?)node["metadata"]!["labels"]!["disk"], (string?)node["metadata"]!["labels"]!["kubernetes.io/hostname"]));
        Assert.Equal("""{"taints":[{"key":"gpu","effect":"NoSchedule"},{"key":"team","value":"a","effect":"NoExecute"}],"unschedulable":true}""", node["spec"]!.ToJsonString());
        Assert.Equal("{}", NodeStatusBuilder.Object(Services)["spec"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"type":"Ready","status":"Unknown"}]""")]
    [InlineData("""[{"type":"Ready","status":"Unknown"},{"type":"KernelDeadlock","status":"False"}]""")]
    public void What_was_reported_is_not_reported_again_whatever_the_order_of_the_conditions(string conditions)
    {
        var stored = new JsonObject { ["status"] = new JsonObject { ["conditions"] = JsonNode.Parse(conditions) } };
        Assert.NotNull(Change());
        stored = JsonMerge.Apply(stored, StatusConditions.Merged(stored, Change()!));
        Assert.Null(Change());

        JsonObject? Change() => JsonMerge.Diff(stored, new JsonObject
        {
            ["status"] = NodeStatusBuilder.Status(Services, NodeState.Initial, stored["status"]?["conditions"] as JsonArray, DateTimeOffset.UnixEpoch),
        });
    }

    [Theory]
    [InlineData("[]", false, null)]
    [InlineData("""[{"type":"IngressReady","status":"True"}]""", false, "False NoIngress")]
    [InlineData("""[{"type":"IngressReady","status":"Unknown"}]""", true, "True IngressListening")]
    public void An_agent_that_begins_does_not_serve_Ingresses_until_it_does(string before, bool serves, string? expected)
    {
        var state = serves ? NodeState.Initial with { Ingress = new IngressActor.Changed(true, "IngressListening", "") } : NodeState.Initial;
        var conditions = NodeStatusBuilder.Status(Services, state, (JsonArray)JsonNode.Parse(before)!, DateTimeOffset.UnixEpoch)["conditions"]!.AsArray();
        Assert.Equal(expected, conditions.Where(c => (string?)c!["type"] == "IngressReady").Select(c => $"{c!["status"]} {c["reason"]}").SingleOrDefault());
    }

    private static AgentServices Services => new("n", "127.0.0.1", null!, "simulated", ActorRefs.Nobody, ActorRefs.Nobody, "", TimeProvider.System, null!,
        ImmutableDictionary<string, string>.Empty, "here", new AgentReadiness([]));
}
