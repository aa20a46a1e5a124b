using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ResourceQuotas;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Resources;
using k8s;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.ResourceQuotas;

/// <summary>What objects use of quotas, and which quotas count them.</summary>
public sealed class QuotaUsageSpec
{
    private const string Small = """{"name":"c","image":"i","resources":{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"cpu":"1"}}}""";
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData($$"""{"containers":[{{Small}}]}""", "count/pods=1,cpu=100m,limits.cpu=1,memory=64Mi,pods=1,requests.cpu=100m,requests.memory=64Mi")]
    [InlineData($$"""{"containers":[{{Small}},{{Small}}],"overhead":{"cpu":"50m"} }""",
        "count/pods=1,cpu=250m,limits.cpu=2050m,memory=128Mi,pods=1,requests.cpu=250m,requests.memory=128Mi")]
    [InlineData($$"""{"containers":[{{Small}}],"initContainers":[{"name":"i","image":"i","resources":{"requests":{"memory":"1Gi"} } }]}""",
        "count/pods=1,cpu=100m,limits.cpu=1,memory=1Gi,pods=1,requests.cpu=100m,requests.memory=1Gi")]
    [InlineData("""{"containers":[{"name":"c","image":"i","resources":{"requests":{"ephemeral-storage":"1Gi"},"limits":{"ephemeral-storage":"2Gi"}}}]}""",
        "count/pods=1,ephemeral-storage=1Gi,limits.ephemeral-storage=2Gi,pods=1,requests.ephemeral-storage=1Gi")]
    [InlineData("""{"containers":[{"name":"c","image":"i","resources":{"requests":{"example.com/gpu":"2","hugepages-2Mi":"4Mi"}}}]}""",
        "count/pods=1,hugepages-2Mi=4Mi,pods=1,requests.example.com/gpu=2,requests.hugepages-2Mi=4Mi")]
    public void A_pod_uses_what_its_containers_request(string spec, string amounts) => Assert.Equal(amounts, QuotaCount.Of(Pod(spec), Now).ToString());

    [Fact]
    public void A_pod_that_ended_is_an_object_still_and_uses_nothing() => Assert.Equal("count/pods=1", QuotaCount.Of(Pod($$"""{"containers":[{{Small}}]}""", "Succeeded"),
        Now).ToString());

    [Theory]
    [InlineData("11:59:31", "count/pods=1,pods=1")] // It has been asked to stop until then.
    [InlineData("11:59:30", "count/pods=1")]
    public void A_pod_that_is_not_gone_after_twice_its_grace_period_uses_nothing(string deletion, string amounts)
    {
        var pod = Pod("""{"containers":[{"name":"c","image":"i"}]}""").ToNode();
        (pod["metadata"]!["deletionTimestamp"], pod["metadata"]!["deletionGracePeriodSeconds"]) = ($"2026-01-01T{deletion}Z", 30);
        Assert.Equal(amounts, QuotaCount.Of(KubeObject.From(PodDefinition.Instance, pod), Now).ToString());
    }

    [Theory]
    [InlineData("ClusterIP", "", "count/services=1,services=1")]
    [InlineData("NodePort", "", "count/services=1,services=1,services.nodeports=2")]
    [InlineData("LoadBalancer", "", "count/services=1,services=1,services.loadbalancers=1,services.nodeports=2")]
    [InlineData("LoadBalancer", ""","allocateLoadBalancerNodePorts":false""", "count/services=1,services=1,services.loadbalancers=1,services.nodeports=0")]
    public void A_service_uses_ports_of_nodes_and_balancers(string type, string more, string amounts) =>
        Assert.Equal(amounts, QuotaCount.Of(Object(ServiceDefinition.Instance, $$"""{"type":"{{type}}","ports":[{"port":80},{"port":81}]{{more}} }"""), Now).ToString());

    [Fact]
    public void A_claim_uses_storage_also_of_its_class() => Assert.Equal(
        "count/persistentvolumeclaims=1,gold.storageclass.storage.k8s.io/persistentvolumeclaims=1,gold.storageclass.storage.k8s.io/requests.storage=2Gi,"
        + "persistentvolumeclaims=1,requests.storage=2Gi",
        QuotaCount.Of(Object(PersistentVolumeClaimDefinition.Instance, """{"storageClassName":"gold","resources":{"requests":{"storage":"2Gi"}}}"""), Now).ToString());

    [Fact]
    public void Other_kinds_are_counted()
    {
        Assert.Equal("configmaps=1,count/configmaps=1", QuotaCount.Of(Object(ConfigMapDefinition.Instance, "{}"), Now).ToString());
        Assert.Equal("count/jobs.batch=1", QuotaCount.Of(Object(JobDefinition.Instance, "{}"), Now).ToString());
    }

    [Theory]
    [InlineData("""{"scopes":["BestEffort"]}""", "{}", true)]
    [InlineData("""{"scopes":["NotBestEffort"]}""", "{}", false)]
    [InlineData("""{"scopes":["Terminating"]}""", """{"activeDeadlineSeconds":30}""", true)]
    [InlineData("""{"scopes":["NotTerminating"]}""", """{"activeDeadlineSeconds":30}""", false)]
    [InlineData("""{"scopes":["BestEffort","NotTerminating"]}""", "{}", true)]
    [InlineData("""{"scopes":["PriorityClass"]}""", "{}", false)]
    [InlineData("""{"scopes":["PriorityClass"]}""", """{"priorityClassName":"low"}""", true)]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In","values":["high","low"]}]}}""", """{"priorityClassName":"low"}""", true)]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In","values":["high"]}]}}""", """{"priorityClassName":"low"}""", false)]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"NotIn","values":["high"]}]}}""", "{}", true)]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"DoesNotExist"}]}}""", "{}", true)]
    [InlineData("""{"scopes":["CrossNamespacePodAffinity"]}""", "{}", false)]
    [InlineData("""{"scopes":["CrossNamespacePodAffinity"]}""",
        """{"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","namespaces":["other"]}]}}}""", true)]
    public void A_quota_counts_the_pods_of_its_scopes(string quota, string fields, bool counts)
    {
        var spec = (JsonObject)JsonNode.Parse(fields)!;
        spec["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "i" });
        var usage = QuotaCount.UsageOf(Pod(spec.ToJsonString()), Now);
        Assert.Equal(counts, QuotaScopes.Match(KubernetesJson.Deserialize<V1ResourceQuotaSpec>(quota), usage.Scopes, usage.PriorityClass));
        Assert.False(QuotaScopes.Match(KubernetesJson.Deserialize<V1ResourceQuotaSpec>(quota), null, ""));
    }

    [Fact]
    public void Of_many_objects_those_that_are_bounded_are_added_up()
    {
        var used = new ResourceAmounts { ["pods"] = default, ["requests.memory"] = default, ["count/pods"] = default, ["services"] = default };
        var spec = $$"""{"containers":[{{Small}}]}""";
        QuotaCount.Add(used, new V1ResourceQuotaSpec(), PodDefinition.Instance, [Pod(spec), Pod(spec), Pod(spec, "Failed"),
            Pod("""{"containers":[{"name":"c","image":"i"}]}""")], Now);
        Assert.Equal("count/pods=4,pods=3,requests.memory=128Mi,services=0", used.ToString());
    }

    [Fact]
    public void A_pod_tells_which_containers_do_not_say_what_they_use()
    {
        var lacking = QuotaCount.UsageOf(Pod($$"""{"containers":[{{Small}},{"name":"b","image":"i"}],"initContainers":[{"name":"a","image":"i"}]}"""), Now).Lacking;
        Assert.Equal("cpu=a,b; limits.cpu=a,b; limits.memory=a,b,c; memory=a,b; requests.cpu=a,b; requests.memory=a,b", string.Join("; ", lacking.Select(l =>
            $"{l.Key}={l.Value}")));
    }

    private static KubeObject Pod(string spec, string phase = "Running") => Object(PodDefinition.Instance, spec, phase);

    private static KubeObject Object(ResourceDefinition kind, string spec, string phase = "") => KubeObject.From(kind, (JsonObject)JsonNode.Parse(
        $$"""{"metadata":{"name":"o","namespace":"default","uid":"u","resourceVersion":"1"},"spec":{{spec}},"status":{"phase":"{{phase}}"} }""")!);
}
