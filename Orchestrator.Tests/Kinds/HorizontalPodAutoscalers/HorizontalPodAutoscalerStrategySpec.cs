using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Tests.Kinds.HorizontalPodAutoscalers;

/// <summary>Defaults and rules, with the paths and words of Kubernetes.</summary>
public sealed class HorizontalPodAutoscalerStrategySpec
{
    private const string Up = """{"stabilizationWindowSeconds":0,"selectPolicy":"Max","policies":[{"type":"Pods","value":4,"periodSeconds":15},{"type":"Percent","value":100,"periodSeconds":15}]}""";
    private const string Down = """{"selectPolicy":"Max","policies":[{"type":"Percent","value":100,"periodSeconds":15}]}""";

    [Theory]
    [InlineData("{}", Up, Down)]
    [InlineData("""{"scaleDown":{"stabilizationWindowSeconds":60}}""", Up, """{"stabilizationWindowSeconds":60,"selectPolicy":"Max","policies":[{"type":"Percent","value":100,"periodSeconds":15}]}""")]
    [InlineData("""{"scaleUp":{"selectPolicy":"Disabled"}}""", """{"selectPolicy":"Disabled","stabilizationWindowSeconds":0,"policies":[{"type":"Pods","value":4,"periodSeconds":15},{"type":"Percent","value":100,"periodSeconds":15}]}""", Down)]
    public void A_behavior_is_filled_in(string behavior, string up, string down)
    {
        var o = (JsonObject)JsonNode.Parse($$"""{"spec":{"maxReplicas":3,"behavior":{{behavior}} } }""")!;
        HorizontalPodAutoscalerDefinition.Instance.Strategy.Default(o);
        Assert.True(JsonNode.DeepEquals(o["spec"]!["behavior"], JsonNode.Parse($$"""{"scaleUp":{{up}},"scaleDown":{{down}} }""")), o["spec"]!["behavior"]!.ToJsonString());
        Assert.Equal(80, (int)o["spec"]!["metrics"]![0]!["resource"]!["target"]!["averageUtilization"]!);
    }

    [Fact]
    public void Without_a_behavior_there_is_none()
    {
        JsonObject o = new() { ["spec"] = new JsonObject { ["maxReplicas"] = 3 } };
        HorizontalPodAutoscalerDefinition.Instance.Strategy.Default(o);
        Assert.Null(o["spec"]!["behavior"]);
        Assert.Equal(1, (int)o["spec"]!["minReplicas"]!);
    }

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"minReplicas":0}""", "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1")]
    [InlineData("""{"maxReplicas":0}""", "spec.maxReplicas: Invalid value: 0: must be greater than 0")]
    [InlineData("""{"minReplicas":5}""", "spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`")]
    [InlineData("""{"scaleTargetRef":{"kind":"Deployment"}}""", "spec.scaleTargetRef.name: Required value")]
    [InlineData("""{"behavior":{"scaleUp":{"stabilizationWindowSeconds":3601}}}""", "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600")]
    [InlineData("""{"behavior":{"scaleDown":{"stabilizationWindowSeconds":-1}}}""", "spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero")]
    [InlineData("""{"behavior":{"scaleDown":{"policies":[]}}}""", "spec.behavior.scaleDown.policies: Required value: must specify at least one Policy")]
    [InlineData("""{"behavior":{"scaleDown":{"selectPolicy":"Most"}}}""", "spec.behavior.scaleDown.selectPolicy: Unsupported value: \"Most\": supported values: \"Disabled\", \"Max\", \"Min\"")]
    [InlineData("""{"behavior":{"scaleUp":{"policies":[{"type":"Nodes","value":0,"periodSeconds":1801}]}}}""",
        "spec.behavior.scaleUp.policies[0].type: Unsupported value: \"Nodes\": supported values: \"Percent\", \"Pods\"|spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero"
        + "|spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800")]
    [InlineData("""{"metrics":[{}]}""", "spec.metrics[0].type: Required value: must specify a metric source type")]
    [InlineData("""{"metrics":[{"type":"Guess"}]}""", "spec.metrics[0].type: Unsupported value: \"Guess\": supported values: \"ContainerResource\", \"External\", \"Object\", \"Pods\", \"Resource\"")]
    [InlineData("""{"metrics":[{"type":"Resource"}]}""", "spec.metrics[0].resource: Required value: must populate information for the given metric source")]
    [InlineData("""{"metrics":[{"type":"Resource","pods":{},"resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":1}}}]}""", "spec.metrics[0].pods: Forbidden: must populate the given metric source only")]
    [InlineData("""{"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization"}}}]}""", "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization")]
    [InlineData("""{"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50,"averageValue":"1"}}}]}""", "spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization")]
    [InlineData("""{"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":0}}}]}""", "spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0")]
    [InlineData("""{"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"AverageValue","averageValue":"0"}}}]}""", "spec.metrics[0].resource.target.averageValue: Invalid value: \"0\": must be positive")]
    [InlineData("""{"metrics":[{"type":"ContainerResource","containerResource":{"name":"cpu","target":{"type":"Share","averageUtilization":5}}}]}""",
        "spec.metrics[0].containerResource.container: Required value: must specify a container|spec.metrics[0].containerResource.target.type: Invalid value: \"Share\": must be either Utilization, Value, or AverageValue")]
    [InlineData("""{"metrics":[{"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"Value","value":"5"}}}]}""", "spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue")]
    [InlineData("""{"metrics":[{"type":"External","external":{"target":{"type":"Value"}}}]}""",
        "spec.metrics[0].external.metric.name: Required value: must specify a metric name|spec.metrics[0].external.target.averageValue: Required value: must set either a target value for metric or a per-pod target")]
    [InlineData("""{"metrics":[{"type":"Object","object":{"metric":{"name":"m"},"target":{"type":"Value","value":"5"}}}]}""",
        "spec.metrics[0].object.describedObject.kind: Required value|spec.metrics[0].object.describedObject.name: Required value")]
    public void A_wrong_field_is_named(string spec, string errors)
    {
        var o = (JsonObject)JsonNode.Parse("""{"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d"}}}""")!;
        foreach (var (field, value) in (JsonObject)JsonNode.Parse(spec)!)
        {
            o["spec"]![field] = value?.DeepClone();
        }

        HorizontalPodAutoscalerDefinition.Instance.Strategy.Default(o);
        var found = new FieldErrors();
        HorizontalPodAutoscalerDefinition.Instance.Strategy.Validate(o, found);
        Assert.Equal(errors, string.Join('|', found.All.Select(e => $"{e.Field}: {e.Message}")));
    }
}
