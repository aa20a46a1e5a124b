using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Tests.Kinds.Pods;

public sealed class SchedulingGatesSpec
{
    private const string Gated = """{"nodeSelector":{"a":"b"},"schedulingGates":[{"name":"example.com/quota"},{"name":"other"}]}""";

    [Fact]
    public void A_gated_pod_says_so_from_the_start()
    {
        var pod = Pod(Gated);
        new PodStrategy().PrepareForCreate(pod);
        var condition = Assert.Single(pod["status"]!["conditions"]!.AsArray())!;
        Assert.Equal(("PodScheduled", "False", "SchedulingGated"), ((string?)condition["type"], (string?)condition["status"], (string?)condition["reason"]));
    }

    [Theory]
    [InlineData("""{"nodeSelector":{"a":"b"},"schedulingGates":[{"name":"other"}]}""", null)]
    [InlineData("""{"nodeSelector":{"a":"b"}}""", null)]
    [InlineData("""{"nodeSelector":{"a":"b","c":"d"},"schedulingGates":[{"name":"other"}]}""", null)]
    [InlineData("""{"nodeSelector":{"a":"b"},"schedulingGates":[{"name":"other"},{"name":"third"}]}""", "spec.schedulingGates")]
    [InlineData("""{"nodeSelector":{"a":"x"}}""", "spec.nodeSelector")]
    [InlineData("""{"nodeSelector":{}}""", "spec.nodeSelector")]
    [InlineData("""{"nodeSelector":{"a":"b"},"hostname":"h"}""", "spec")]
    public void Gates_are_only_removed_and_what_waits_is_only_restricted(string wanted, string? field) => Assert.Equal(field, Update(Gated, wanted));

    [Theory]
    [InlineData("""{"nodeSelector":{"a":"b","c":"d"}}""", "spec")]
    [InlineData("""{"nodeSelector":{"a":"b"},"schedulingGates":[{"name":"new"}]}""", "spec.schedulingGates")]
    public void A_pod_without_gates_gets_none_and_keeps_its_selector(string wanted, string field) => Assert.Equal(field, Update("""{"nodeSelector":{"a":"b"}}""", wanted));

    [Theory]
    [InlineData("""{"containers":[{"name":"c","image":"i"}],"nodeName":"n","schedulingGates":[{"name":"g"}]}""", "spec.nodeName")]
    [InlineData("""{"containers":[{"name":"c","image":"i"}],"schedulingGates":[{"name":"not a name"}]}""", "spec.schedulingGates[0].name")]
    [InlineData("""{"containers":[{"name":"c","image":"i"}],"schedulingGates":[{"name":"g"},{"name":"g"}]}""", "spec.schedulingGates[1]")]
    public void A_wrong_gate_is_refused(string spec, string field)
    {
        var errors = new FieldErrors();
        new PodStrategy().Validate(Pod(spec), errors);
        Assert.Equal(field, Assert.Single(errors.All).Field);
    }

    private static string? Update(string old, string wanted)
    {
        var errors = new FieldErrors();
        new PodStrategy().ValidateUpdate(Pod(wanted), Pod(old), errors);
        return errors.All.Count == 0 ? null : Assert.Single(errors.All).Field;
    }

    private static JsonObject Pod(string spec) => new() { ["metadata"] = new JsonObject { ["name"] = "p" }, ["spec"] = JsonNode.Parse(spec) };
}
