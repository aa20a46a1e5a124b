using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.LimitRanges;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Tests.Kinds.LimitRanges;

/// <summary>What limit ranges mean for new pods and claims of their namespace.</summary>
public sealed class LimitRangeAdmissionSpec
{
    private const string Defaults = """{"type":"Container","default":{"cpu":"1","memory":"256Mi"},"defaultRequest":{"cpu":"200m","memory":"128Mi"}}""";

    [Theory]
    [InlineData("{}", """{"requests":{"cpu":"200m","memory":"128Mi"},"limits":{"cpu":"1","memory":"256Mi"}}""",
        "cpu, memory request for container c; cpu, memory limit for container c")]
    [InlineData("""{"requests":{"cpu":"300m"}}""", """{"requests":{"cpu":"300m","memory":"128Mi"},"limits":{"cpu":"1","memory":"256Mi"}}""",
        "memory request for container c; cpu, memory limit for container c")]
    [InlineData("""{"limits":{"cpu":"500m","memory":"64Mi"}}""", """{"limits":{"cpu":"500m","memory":"64Mi"},"requests":{"cpu":"500m","memory":"64Mi"}}""", null)]
    public void A_container_gets_what_it_does_not_say(string resources, string filled, string? note)
    {
        var pod = Pod($$"""{"name":"c","image":"i","resources":{{resources}}}""");
        Assert.Null(Admitter.Create(PodDefinition.Instance, pod, View(Defaults)));
        Assert.Equal(filled, pod["spec"]!["containers"]![0]!["resources"]!.ToJsonString());
        Assert.Equal(note is null ? null : $"LimitRanger plugin set: {note}", (string?)pod["metadata"]!["annotations"]?["kubernetes.io/limit-ranger"]);
    }

    [Fact]
    public void An_init_container_gets_the_defaults_too_and_a_pod_of_another_namespace_nothing()
    {
        var pod = Pod("""{"name":"c","image":"i"}""", """{"name":"i","image":"i"}""");
        Assert.Null(Admitter.Create(PodDefinition.Instance, pod, View(Defaults)));
        Assert.Equal("200m", (string?)pod["spec"]!["initContainers"]![0]!["resources"]!["requests"]!["cpu"]);
        Assert.Contains("cpu, memory limit for init container i", (string?)pod["metadata"]!["annotations"]!["kubernetes.io/limit-ranger"], StringComparison.Ordinal);

        var other = Pod("""{"name":"c","image":"i"}""");
        other["metadata"]!["namespace"] = "other";
        Assert.Null(Admitter.Create(PodDefinition.Instance, other, View(Defaults)));
        Assert.Equal("{}", other["spec"]!["containers"]![0]!["resources"]!.ToJsonString());
    }

    [Fact]
    public void A_default_limit_below_the_request_is_refused_with_the_field() => Assert.Equal("spec.containers[0].resources.requests",
        Assert.Single(Admitter.Create(PodDefinition.Instance, Pod("""{"name":"c","image":"i","resources":{"requests":{"cpu":"2"}}}"""), View(Defaults))!.Causes).Field);

    [Theory]
    [InlineData("""{"type":"Container","min":{"cpu":"1"}}""", """{"requests":{"cpu":"500m"},"limits":{"cpu":"2"}}""", "minimum cpu usage per Container is 1, but request is 500m")]
    [InlineData("""{"type":"Container","min":{"cpu":"1"}}""", """{"requests":{"cpu":"1"},"limits":{"cpu":"1"}}""", null)]
    [InlineData("""{"type":"Container","max":{"memory":"1Gi"}}""", """{"limits":{"memory":"2Gi"},"requests":{"memory":"1Gi"}}""",
        "maximum memory usage per Container is 1Gi, but limit is 2Gi")]
    [InlineData("""{"type":"Pod","max":{"memory":"1Gi"}}""", """{"requests":{"memory":"1Gi"}}""", "maximum memory usage per Pod is 1Gi.  No limit is specified")]
    [InlineData("""{"type":"Pod","min":{"memory":"1Gi"}}""", "{}", "minimum memory usage per Pod is 1Gi.  No request is specified")]
    [InlineData("""{"type":"Container","maxLimitRequestRatio":{"cpu":"2"}}""", """{"requests":{"cpu":"1"},"limits":{"cpu":"2"}}""", null)]
    [InlineData("""{"type":"Container","maxLimitRequestRatio":{"cpu":"2"}}""", """{"requests":{"cpu":"100m"},"limits":{"cpu":"450m"}}""",
        "cpu max limit to request ratio per Container is 2, but provided ratio is 4.500000")]
    [InlineData("""{"type":"Container","maxLimitRequestRatio":{"cpu":"2"}}""", "{}",
        "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0")]
    [InlineData("""{"type":"Container","maxLimitRequestRatio":{"cpu":"2"}}""", """{"requests":{"cpu":"1"}}""",
        "cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0")]
    [InlineData("""{"type":"Container","min":{"cpu":"1","memory":"1Gi"}}""", """{"requests":{"cpu":"500m","memory":"1Mi"}}""",
        "[minimum cpu usage per Container is 1, but request is 500m, minimum memory usage per Container is 1Gi, but request is 1Mi]")]
    public void A_pod_out_of_range_is_refused_with_all_reasons(string item, string resources, string? why)
    {
        var error = Admitter.Create(PodDefinition.Instance, Pod($$"""{"name":"c","image":"i","resources":{{resources}}}"""), View(item));
        Assert.Equal(why is null ? null : $"pods \"p\" is forbidden: {why}", error?.Message);
        Assert.Equal(why is null ? null : ApiReason.Forbidden, error?.Reason);
    }

    [Theory]
    [InlineData("""{"name":"a","image":"i","resources":{"limits":{"cpu":"600m"}}},{"name":"b","image":"i","resources":{"limits":{"cpu":"600m"}}}""", "", "1200m")]
    [InlineData("""{"name":"a","image":"i","resources":{"limits":{"cpu":"600m"}}}""", """{"name":"i","image":"i","resources":{"limits":{"cpu":"1500m"}}}""", "1500m")]
    [InlineData("""{"name":"a","image":"i","resources":{"limits":{"cpu":"600m"}}}""", """{"name":"i","image":"i","resources":{"limits":{"cpu":"900m"}}}""", null)]
    [InlineData("""{"name":"a","image":"i","resources":{"limits":{"cpu":"600m"}}}""",
        """{"name":"i","image":"i","restartPolicy":"Always","resources":{"limits":{"cpu":"900m"}}}""", "1500m")]
    public void A_pod_is_what_its_containers_are_together_or_an_init_container_alone(string containers, string inits, string? limit) => Assert.Equal(
        limit is null ? null : $"pods \"p\" is forbidden: maximum cpu usage per Pod is 1, but limit is {limit}",
        Admitter.Create(PodDefinition.Instance, Pod(containers, inits), View("""{"type":"Pod","max":{"cpu":"1"}}"""))?.Message);

    [Theory]
    [InlineData("500Mi", "minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi")]
    [InlineData("1Gi", null)]
    [InlineData("5Gi", "maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 5Gi")]
    public void A_claim_out_of_range_is_refused(string storage, string? why)
    {
        var view = View("""{"type":"PersistentVolumeClaim","min":{"storage":"1Gi"},"max":{"storage":"2Gi"}}""");
        Assert.Equal(why is null ? null : $"persistentvolumeclaims \"c\" is forbidden: {why}", Admitter.Create(PersistentVolumeClaimDefinition.Instance, Claim(storage),
            view)?.Message);

        // One that is there can be changed, but not in what it asks for.
        var bound = Claim(storage);
        bound["status"] = new JsonObject { ["phase"] = "Bound" };
        var stored = KubeObject.From(PersistentVolumeClaimDefinition.Instance, bound);
        var labelled = Claim(storage);
        labelled["metadata"]!["labels"] = new JsonObject { ["a"] = "b" };
        Assert.Null(Admitter.Update(PersistentVolumeClaimDefinition.Instance, labelled, stored, view));
        Assert.Contains("but request is 9Gi", Admitter.Update(PersistentVolumeClaimDefinition.Instance, Claim("9Gi"), stored, view)!.Message, StringComparison.Ordinal);
    }

    private static JsonObject Claim(string storage) => (JsonObject)JsonNode.Parse(
        $$$"""{"metadata":{"name":"c","namespace":"default"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"{{{storage}}}"} } } }""")!;

    private static JsonObject Pod(string containers, string inits = "") => (JsonObject)JsonNode.Parse(
        $$$"""{"metadata":{"name":"p","namespace":"default"},"spec":{"initContainers":[{{{inits}}}],"containers":[{{{containers}}}]} }""")!;

    private static ObjectCache View(string item)
    {
        var range = (JsonObject)JsonNode.Parse($$$"""{"metadata":{"name":"r","namespace":"default","uid":"r","resourceVersion":"1"},"spec":{"limits":[{{{item}}}]} }""")!;
        LimitRangeDefinition.Instance.Strategy.Default(range);
        var cache = new ObjectCache();
        cache.Restore(1, [KubeObject.From(LimitRangeDefinition.Instance, range)]);
        return cache;
    }
}
