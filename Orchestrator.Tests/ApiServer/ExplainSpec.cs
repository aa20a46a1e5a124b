using System.Net;
using Orchestrator.Tests.Kit;
using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.ApiServer;

/// <summary>What kubectl learns of the kinds from a running node.</summary>
[Collection(KubectlCollection.Name)]
public class ExplainSpec(KubectlCluster cluster)
{
    private const string Manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 0
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: main, image: "orchestrator/sample:1", env: [{name: FIRST, value: "1"}], resources: {limits: {cpu: "1"}}}
        """;

    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task Kinds_and_fields_are_explained(string version)
    {
        var kubectl = cluster.Node.Kubectl(version);
        var pods = await kubectl.SucceedAsync("explain pods");
        Assert.Matches("KIND: +Pod\nVERSION: +v1\n", pods);
        Assert.Contains("Pod is a collection of containers that can run on a host.", pods, StringComparison.Ordinal);
        Assert.Contains("<PodSpec>", pods, StringComparison.Ordinal);
        Assert.Contains("rollingUpdate\t<RollingUpdateDeployment>", await kubectl.SucceedAsync("explain deployment.spec.strategy"), StringComparison.Ordinal);
        Assert.Contains("matchLabels\t<map[string]string>", await kubectl.SucceedAsync("explain rs.spec.selector"), StringComparison.Ordinal);
        Assert.Matches("status\t<string> -required-", await kubectl.SucceedAsync("explain nodes.status.conditions"));
        var all = await kubectl.SucceedAsync("explain deploy --recursive");
        Assert.Contains("mountPath\t<string> -required-", all, StringComparison.Ordinal);
        Assert.Contains("field \"nonsense\" does not exist", await kubectl.FailAsync("explain pods.nonsense"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Apply_validates_as_strictly_as_asked(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var wrong = Manifest.Replace("replicas:", "replicass:", StringComparison.Ordinal).Replace("image:", "imagee: x, image:", StringComparison.Ordinal);
        var refused = await kubectl.FeedAsync(wrong, "apply", "--validate=strict", "-f", "-");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("strict decoding error", refused.Error, StringComparison.Ordinal);
        Assert.Contains("unknown field \"spec.replicass\"", refused.Error, StringComparison.Ordinal);
        Assert.Contains("unknown field \"spec.template.spec.containers[0].imagee\"", refused.Error, StringComparison.Ordinal);
        var warned = await kubectl.FeedAsync(wrong, "apply", "--validate=warn", "--dry-run=server", "-f", "-");
        warned.EndedWith(0);
        Assert.Contains("Warning: unknown field \"spec.replicass\"", warned.Error, StringComparison.Ordinal);
        Assert.Contains("created", (await kubectl.FeedAsync(Manifest, "apply", "--validate=strict", "-f", "-")).Succeeded(), StringComparison.Ordinal);
        var again = Manifest.Replace("FIRST", "SECOND", StringComparison.Ordinal);
        Assert.Contains("configured", (await kubectl.FeedAsync(again, "apply", "--validate=strict", "-f", "-")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal("SECOND", await kubectl.SucceedAsync("get deploy web -o jsonpath={.spec.template.spec.containers[0].env[*].name}"));
        Assert.Contains("unchanged", (await kubectl.FeedAsync(again, "apply", "-f", "-")).Succeeded(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Health_and_metrics_can_be_read(string version)
    {
        var kubectl = cluster.Node.Kubectl(version);
        Assert.Equal("[+]ping ok\n[+]started ok\n[+]journal ok\nreadyz check passed\n", await kubectl.SucceedAsync("get --raw /readyz?verbose"));
        Assert.Contains("livez check passed", await kubectl.SucceedAsync("get --raw /livez?verbose"), StringComparison.Ordinal);
        await kubectl.SucceedAsync("get nodes");
        var metrics = await kubectl.SucceedAsync("get --raw /metrics");
        Assert.Matches("apiserver_request_total\\{verb=\"LIST\",resource=\"nodes\",subresource=\"\",code=\"200\"\\} [1-9]", metrics);
        Assert.Matches("apiserver_request_duration_seconds_bucket\\{verb=\"LIST\",resource=\"nodes\",le=\"\\+Inf\"\\} [1-9]", metrics);
        Assert.Matches("\norchestrator_journal_events_total [1-9]", metrics);
        Assert.Matches("\norchestrator_journal_batch_seconds_count [1-9]", metrics);
        Assert.Matches("\norchestrator_cache_revision [1-9]", metrics);
        Assert.Matches("\norchestrator_entities [1-9]", metrics);
        Assert.Matches("\napiserver_storage_objects\\{resource=\"nodes\"\\} 3", metrics);
        Assert.Contains("\n# TYPE kube_pod_status_phase gauge\n", metrics, StringComparison.Ordinal);
        Assert.Contains("\nprocess_cpu_seconds_total", metrics, StringComparison.Ordinal);
        using var anonymous = await cluster.Node.Anonymous.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
    }
}
