using System.Globalization;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>HorizontalPodAutoscalers with an unmodified kubectl: the walk through the introduction's php-apache, whose load is an annotation here.</summary>
[Collection(MeteredCollection.Name)]
public sealed class AutoscaleSpec(MeteredCluster cluster)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Theory]
    [MemberData(nameof(Kubectl.Versions), MemberType = typeof(Kubectl))]
    public async Task Load_scales_out_and_its_end_scales_in(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var sample = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "hpa.yaml"));
        Assert.Contains("horizontalpodautoscaler.autoscaling/php-apache created", (await kubectl.FeedAsync(sample, "apply", "-f", "-")).Succeeded(), StringComparison.Ordinal);
        await kubectl.WaitForAsync("get hpa php-apache --no-headers", t => t.Contains("cpu: 0%/50%", StringComparison.Ordinal), Patience);

        // 382 thousandths of the 200 that the pod requests are 191 %: four pods. The new ones have no load.
        await LoadAsync(kubectl, "382m");
        await kubectl.WaitForAsync("get deployment php-apache -o jsonpath={.status.readyReplicas}", t => t == "4", Patience);
        var events = await kubectl.WaitForAsync("get events --field-selector involvedObject.kind=HorizontalPodAutoscaler,reason=SuccessfulRescale -o jsonpath={.items[*].message}",
            t => t.Contains("New size: 4", StringComparison.Ordinal));
        Assert.Contains("New size: 4; reason: cpu resource utilization (percentage of request) above target", events, StringComparison.Ordinal);

        var described = await kubectl.SucceedAsync("describe hpa php-apache");
        foreach (var words in (string[])["Reference:", "Deployment/php-apache", "resource cpu on pods", "(as a percentage of request):", "/ 50%", "Min replicas:", "Max replicas:", "Select Policy: Max",
            "AbleToScale", "ScalingActive", "ValidMetricFound", "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)", "SuccessfulRescale"])
        {
            Assert.Contains(words, described, StringComparison.Ordinal);
        }

        await LoadAsync(kubectl, "1m");
        await kubectl.WaitForAsync("get deployment php-apache -o jsonpath={.spec.replicas}", t => t == "1", Patience);
        await kubectl.WaitForAsync("describe hpa php-apache", t => t.Contains("New size: 1; reason: All metrics below target", StringComparison.Ordinal), Patience);
    }

    [Theory]
    [MemberData(nameof(Kubectl.Versions), MemberType = typeof(Kubectl))]
    public async Task An_autoscaler_is_made_by_one_command_and_shown_as_a_table(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        (await kubectl.FeedAsync(Deployment("php-apache", "10m"), "apply", "-f", "-")).Succeeded();
        Assert.Contains("autoscaled", await kubectl.SucceedAsync("autoscale deployment php-apache --cpu-percent=50 --min=1 --max=10"), StringComparison.Ordinal);
        var table = await kubectl.WaitForAsync("get hpa", t => t.Contains("cpu: 5%/50%", StringComparison.Ordinal), Patience);
        Assert.Equal("NAME REFERENCE TARGETS MINPODS MAXPODS REPLICAS AGE", Columns.Header(table));
        Assert.Equal(["php-apache", "Deployment/php-apache", "cpu: 5%/50%", "1", "10", "1"], Assert.Single(Columns.Rows(table))[..6]);
        await kubectl.WaitForAsync("get horizontalpodautoscalers.v1.autoscaling php-apache -o jsonpath={.status.currentCPUUtilizationPercentage}", t => t == "5", Patience);
        Assert.Contains("php-apache", await kubectl.SucceedAsync("get all"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_manifest_of_the_introduction_without_a_version_of_its_target_works()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        (await kubectl.FeedAsync(Deployment("php-apache", "10m"), "apply", "-f", "-")).Succeeded();
        (await kubectl.FeedAsync("""
            apiVersion: autoscaling/v1
            kind: HorizontalPodAutoscaler
            metadata:
              name: php-apache
            spec:
              maxReplicas: 10
              minReplicas: 2
              scaleTargetRef:
                kind: Deployment
                name: php-apache
              targetCPUUtilizationPercentage: 50
            """, "apply", "-f", "-")).Succeeded();
        await kubectl.WaitForAsync("get deployment php-apache -o jsonpath={.status.readyReplicas}", t => t == "2", Patience);
        await kubectl.WaitForAsync("describe hpa php-apache", t => t.Contains("New size: 2; reason: Current number of replicas below Spec.MinReplicas", StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task What_cannot_be_scaled_is_said_with_the_reason()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await kubectl.SucceedAsync("create deployment free --image=i");
        await kubectl.SucceedAsync("autoscale deployment free --cpu-percent=50 --max=3");
        var described = await kubectl.WaitForAsync("describe hpa free", t => t.Contains("missing request for cpu in container i of Pod free-", StringComparison.Ordinal), Patience);
        Assert.Matches(@"ScalingActive\s+False\s+FailedGetResourceMetric\s+the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu", described);
        Assert.Contains("FailedComputeMetricsReplicas", described, StringComparison.Ordinal);
        await kubectl.SucceedAsync("delete deployment free");
        await kubectl.WaitForAsync("describe hpa free", t => t.Contains("the HPA controller was unable to get the target's current scale: deployments.apps \"free\" not found", StringComparison.Ordinal), Patience);
    }

    // Of every pod of php-apache.
    private static Task LoadAsync(Kubectl kubectl, string cpu) => kubectl.SucceedAsync($"annotate pods -l run=php-apache --overwrite simulation.orchestrator.io/cpu={cpu}");

    private static string Deployment(string name, string cpu) => string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{name}}
        spec:
          selector:
            matchLabels:
              run: {{name}}
          template:
            metadata:
              labels:
                run: {{name}}
              annotations:
                simulation.orchestrator.io/cpu: {{cpu}}
            spec:
              containers:
              - name: {{name}}
                image: i
                resources:
                  requests:
                    cpu: 200m
        """);
}
