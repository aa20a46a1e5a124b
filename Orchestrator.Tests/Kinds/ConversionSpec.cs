using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Kinds.Events;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

namespace Orchestrator.Tests.Kinds;

/// <summary>Kinds with several versions: nothing is lost on the way out and in.</summary>
public sealed class ConversionSpec
{
    private const string Cpu = """{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}""";
    private const string Memory = """{"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"1Gi"}}}""";
    private const string Behavior = """{"scaleDown":{"stabilizationWindowSeconds":60}}""";

    private const string Status = """
        ,
        "status":{"conditions":[{"type":"AbleToScale"}],"currentMetrics":[{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":9}}}]}
        """;

    [Fact]
    public void Version_1_shows_the_share_of_cpu_and_keeps_the_rest_in_annotations()
    {
        var v1 = AutoscalerConversion.ToV1(Parse($$"""{"metadata":{"name":"h"},"spec":{"maxReplicas":3,"metrics":[{{Memory}},{{Cpu}}],"behavior":{{Behavior}} } }"""));
        Assert.Equal(50, (int)v1["spec"]!["targetCPUUtilizationPercentage"]!);
        Assert.Equal(["maxReplicas", "targetCPUUtilizationPercentage"], v1["spec"]!.AsObject().Select(p => p.Key).Order());
        Assert.Equal(["autoscaling.alpha.kubernetes.io/behavior", "autoscaling.alpha.kubernetes.io/metrics"], v1["metadata"]!["annotations"]!.AsObject().Select(p => p.Key).Order());
    }

    [Fact]
    public void What_version_1_says_is_a_metric()
    {
        var v2 = AutoscalerConversion.FromV1(Parse("""{"spec":{"maxReplicas":3,"targetCPUUtilizationPercentage":70},"status":{"currentCPUUtilizationPercentage":12}}"""));
        Assert.Equal("""{"maxReplicas":3,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70}}}]}""", v2["spec"]!.ToJsonString());
        Assert.Equal("""{"currentMetrics":[{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":12}}}]}""", v2["status"]!.ToJsonString());
    }

    [Fact]
    public void There_and_back_nothing_of_an_autoscaler_is_lost()
    {
        string[] others = [Memory, """{"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"AverageValue","averageValue":"10"}}}"""];
        var rest = Gen.Int[0, others.Length - 1].Select(i => others[i]).Array[0, 2];
        var metrics = Gen.Select(Gen.Bool, rest, (hasCpu, more) => hasCpu ? more.Prepend(Cpu).ToArray() : more);
        Gen.Select(metrics, Gen.Bool, Gen.Bool).Sample((list, hasBehavior, hasStatus) =>
        {
            var spec = $"\"maxReplicas\":3{(list.Length > 0 ? $",\"metrics\":[{string.Join(',', list)}]" : "")}{(hasBehavior ? $",\"behavior\":{Behavior}" : "")}";
            var status = hasStatus ? Status : "";
            var stored = Parse($$"""{"metadata":{"name":"h","annotations":{"mine":"x"} },"spec":{ {{spec}} } {{status}} }""");
            Assert.True(JsonNode.DeepEquals(stored, AutoscalerConversion.FromV1(AutoscalerConversion.ToV1((JsonObject)stored.DeepClone()))), stored.ToJsonString());
        });
    }

    [Fact]
    public void An_event_says_the_same_in_both_groups()
    {
        var core = Parse("""{"involvedObject":{"kind":"Pod","name":"p"},"message":"m","reason":"R","count":3,"source":{"component":"c"},"firstTimestamp":"t","lastTimestamp":"u","reportingComponent":"rc","type":"Normal"}""");
        var events = EventConversion.FromCore((JsonObject)core.DeepClone());
        Assert.Equal(["deprecatedCount", "deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedSource", "note", "reason", "regarding", "reportingController", "type"], events.Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.True(JsonNode.DeepEquals(core, EventConversion.ToCore(events)));
    }

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;
}
