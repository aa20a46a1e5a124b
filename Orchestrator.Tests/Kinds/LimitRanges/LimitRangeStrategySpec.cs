using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Kinds.LimitRanges;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Kinds.LimitRanges;

public sealed class LimitRangeStrategySpec
{
    [Theory]
    [InlineData("""{"type":"Container","max":{"cpu":"1000m"}}""", """{"type":"Container","max":{"cpu":"1"},"default":{"cpu":"1"},"defaultRequest":{"cpu":"1"}}""")]
    [InlineData("""{"type":"Container","min":{"memory":"0.5Gi"}}""", """{"type":"Container","min":{"memory":"512Mi"},"defaultRequest":{"memory":"512Mi"}}""")]
    [InlineData("""{"type":"Container","min":{"cpu":"100m"},"max":{"cpu":"2"},"default":{"cpu":"1"}}""",
        """{"type":"Container","min":{"cpu":"100m"},"max":{"cpu":"2"},"default":{"cpu":"1"},"defaultRequest":{"cpu":"1"}}""")]
    [InlineData("""{"type":"Container","default":{"cpu":"1"},"defaultRequest":{"cpu":"200m"}}""", """{"type":"Container","default":{"cpu":"1"},"defaultRequest":{"cpu":"200m"}}""")]
    [InlineData("""{"type":"Pod","max":{"cpu":"1"}}""", """{"type":"Pod","max":{"cpu":"1"}}""")]
    public void A_container_gets_the_maximum_as_limit_and_the_limit_or_the_minimum_as_request(string item, string filled)
    {
        var range = Range(item);
        Assert.Null(Admitter.Create(LimitRangeDefinition.Instance, range, NoObjects.Instance));
        Assert.Equal(filled, range["spec"]!["limits"]![0]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"type":""}""", "spec.limits[0].type: Required value")]
    [InlineData("""{"type":"Thing"}""", "spec.limits[0].type: Invalid value: \"Thing\": must be a standard limit type or fully qualified")]
    [InlineData("""{"type":"Pod"},{"type":"Pod"}""", "spec.limits[1].type: Duplicate value: \"Pod\"")]
    [InlineData("""{"type":"Pod","default":{"cpu":"1"}}""", "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'")]
    [InlineData("""{"type":"Pod","defaultRequest":{"cpu":"1"}}""", "spec.limits[0].defaultRequest: Forbidden: may not be specified when `type` is 'Pod'")]
    [InlineData("""{"type":"Pod","max":{"storage":"1"}}""", "spec.limits[0].max[storage]: Invalid value: \"storage\": must be a standard resource for containers")]
    [InlineData("""{"type":"PersistentVolumeClaim","max":{"pods":"1"},"min":{"storage":"1"}}""",
        "spec.limits[0].max[pods]: Invalid value: \"pods\": must be a standard resource type or fully qualified")]
    [InlineData("""{"type":"PersistentVolumeClaim"}""", "spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided")]
    [InlineData("""{"type":"Pod","min":{"cpu":"2"},"max":{"cpu":"1"}}""", "spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max value 1")]
    [InlineData("""{"type":"Container","min":{"cpu":"2"},"defaultRequest":{"cpu":"1"}}""",
        "spec.limits[0].defaultRequest[cpu]: Invalid value: \"1\": min value 2 is greater than default request value 1")]
    [InlineData("""{"type":"Container","max":{"cpu":"1"},"default":{"cpu":"1"},"defaultRequest":{"cpu":"1500m"}}""",
        "[spec.limits[0].defaultRequest[cpu]: Invalid value: \"1500m\": default request value 1500m is greater than max value 1, "
        + "spec.limits[0].defaultRequest[cpu]: Invalid value: \"1500m\": default request value 1500m is greater than default limit value 1]")]
    [InlineData("""{"type":"Container","min":{"cpu":"2"},"default":{"cpu":"1"},"defaultRequest":{"cpu":"2"}}""",
        "spec.limits[0].default[cpu]: Invalid value: \"1\": min value 2 is greater than default value 1")]
    [InlineData("""{"type":"Container","max":{"cpu":"1"},"default":{"cpu":"3"},"defaultRequest":{"cpu":"1"}}""",
        "spec.limits[0].default[cpu]: Invalid value: \"3\": default value 3 is greater than max value 1")]
    [InlineData("""{"type":"Pod","maxLimitRequestRatio":{"cpu":"800m"}}""", "spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"800m\": ratio 800m is less than 1")]
    [InlineData("""{"type":"Pod","min":{"cpu":"1"},"max":{"cpu":"2"},"maxLimitRequestRatio":{"cpu":"3"}}""",
        "spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"3\": ratio 3 is greater than max/min = 2.000000")]
    public void What_contradicts_itself_is_refused_with_the_field(string items, string sentence) =>
        Assert.Contains(sentence, Admitter.Create(LimitRangeDefinition.Instance, Range(items), NoObjects.Instance)?.Message, StringComparison.Ordinal);

    private static JsonObject Range(string items) => (JsonObject)JsonNode.Parse($$$"""{"metadata":{"name":"r","namespace":"default"},"spec":{"limits":[{{{items}}}]} }""")!;
}
