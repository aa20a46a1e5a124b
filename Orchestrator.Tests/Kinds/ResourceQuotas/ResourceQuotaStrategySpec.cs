using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.ResourceQuotas;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Kinds.ResourceQuotas;

public sealed class ResourceQuotaStrategySpec
{
    [Theory]
    [InlineData("""{"hard":{"cpu":"0.5","pods":"10","count/widgets.example.com":"2","requests.example.com/gpu":"1"}}""")]
    [InlineData("""{"hard":{"requests.storage":"1.5Gi","gold.storageclass.storage.k8s.io/requests.storage":"0.5"}}""")]
    [InlineData("""{"hard":{"pods":"1"},"scopes":["BestEffort","Terminating"]}""")]
    [InlineData("""{"hard":{"cpu":"1"},"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In","values":["high"]}]}}""")]
    public void What_is_right_is_taken(string spec) => Assert.Null(Admitter.Create(ResourceQuotaDefinition.Instance, Quota(spec), NoObjects.Instance));

    [Theory]
    [InlineData("""{"hard":{"bananas":"1"}}""", "spec.hard[bananas]: Invalid value: \"bananas\": must be a standard resource for quota")]
    [InlineData("""{"hard":{"-/x":"1"}}""", "spec.hard[-/x]: Invalid value: \"-/x\": prefix part")]
    [InlineData("""{"hard":{"cpu":"-1"}}""", "spec.hard[cpu]: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData("""{"hard":{"pods":"1.5"}}""", "spec.hard[pods]: Invalid value: \"1500m\": must be an integer")]
    [InlineData("""{"hard":{"count/jobs.batch":"1.5"}}""", "spec.hard[count/jobs.batch]: Invalid value: \"1500m\": must be an integer")]
    [InlineData("""{"hard":{"pods":"1"},"scopes":["Odd"]}""", "spec.scopes: Invalid value: [\"Odd\"]: unsupported scope")]
    [InlineData("""{"hard":{"cpu":"1"},"scopes":["BestEffort"]}""",
        "spec.scopes: Invalid value: [\"BestEffort\"]: unsupported scope applied to resource: BestEffort does not apply to cpu")]
    [InlineData("""{"hard":{"services":"1"},"scopes":["Terminating"]}""", "unsupported scope applied to resource: Terminating does not apply to services")]
    [InlineData("""{"hard":{"pods":"1"},"scopes":["Terminating","NotTerminating"]}""", "spec.scopes: Invalid value: [\"Terminating\",\"NotTerminating\"]: conflicting scopes")]
    [InlineData("""{"hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In"}]}}""",
        "spec.scopeSelector.matchExpressions[0].values: Required value: must be at least one value")]
    [InlineData("""{"hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"Exists","values":["a"]}]}}""",
        "spec.scopeSelector.matchExpressions[0].values: Invalid value: [\"a\"]: must be no value")]
    [InlineData("""{"hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[{"scopeName":"BestEffort","operator":"In","values":["a"]}]}}""",
        "spec.scopeSelector.matchExpressions[0].operator: Invalid value: \"In\": must be 'Exists' for the scope BestEffort")]
    [InlineData("""{"hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[{"scopeName":"Odd","operator":"Like"}]}}""",
        "spec.scopeSelector.matchExpressions[0].operator: Invalid value: \"Like\": not a valid selector operator")]
    public void What_is_wrong_is_refused_with_the_field(string spec, string sentence) =>
        Assert.Contains(sentence, Admitter.Create(ResourceQuotaDefinition.Instance, Quota(spec), NoObjects.Instance)?.Message, StringComparison.Ordinal);

    [Fact]
    public void Scopes_stay_and_what_is_bounded_can_change()
    {
        var stored = KubeObject.From(ResourceQuotaDefinition.Instance, Quota("""{"hard":{"pods":"1"},"scopes":["BestEffort"]}"""));
        Assert.Null(Admitter.Update(ResourceQuotaDefinition.Instance, Quota("""{"hard":{"pods":"2"},"scopes":["BestEffort"]}"""), stored, NoObjects.Instance));
        Assert.Contains("spec.scopes: Invalid value: null: field is immutable",
            Admitter.Update(ResourceQuotaDefinition.Instance, Quota("""{"hard":{"pods":"1"}}"""), stored, NoObjects.Instance)!.Message, StringComparison.Ordinal);
    }

    private static JsonObject Quota(string spec) => (JsonObject)JsonNode.Parse($$"""{"metadata":{"name":"q","namespace":"default"},"spec":{{spec}} }""")!;
}
