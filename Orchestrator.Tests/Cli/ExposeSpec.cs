using System.Text.Json.Nodes;
using Orchestrator.Cli;

namespace Orchestrator.Tests.Cli;

/// <summary>What <c>orc expose</c> and <c>orc autoscale</c> make of an object.</summary>
public class ExposeSpec
{
    [Theory]
    [InlineData("expose deploy/web", """{"selector":{"app":"web"},"ports":[{"port":80,"targetPort":80}]}""")]
    [InlineData("expose deploy/web --port=8080 --target-port=http --type=NodePort --protocol=UDP",
        """{"type":"NodePort","selector":{"app":"web"},"ports":[{"protocol":"UDP","port":8080,"targetPort":"http"}]}""")]
    [InlineData("expose deploy web --selector=tier=front --target-port=9", """{"selector":{"tier":"front"},"ports":[{"port":80,"targetPort":9}]}""")]
    [InlineData("expose pod two", """{"selector":{"run":"two"},"ports":[{"name":"port-1","port":1,"targetPort":1},{"name":"port-2","port":2,"targetPort":2}]}""")]
    public async Task An_object_has_a_service_for_its_pods(string line, string spec)
    {
        using var cluster = Objects();
        Assert.Equal(0, await cluster.OrcAsync($"{line} --name=front --dry-run=client -o json"));
        var service = JsonNode.Parse(cluster.Output)!;
        Assert.Equal(("Service", "front", spec), ((string)service["kind"]!, (string)service["metadata"]!["name"]!, service["spec"]!.ToJsonString()));
    }

    [Theory]
    [InlineData("autoscale deploy/web --max=5", """{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"maxReplicas":5}""")]
    [InlineData("autoscale deploy/web --min=2 --max=5 --cpu-percent=50 --memory=200Mi",
        """{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"minReplicas":2,"maxReplicas":5,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}},{"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"200Mi"}}}]}""")]
    public async Task An_object_has_an_autoscaler(string line, string spec)
    {
        using var cluster = Objects();
        Assert.Equal(0, await cluster.OrcAsync($"{line} --dry-run=client -o json"));
        Assert.Equal(spec, JsonNode.Parse(cluster.Output)!["spec"]!.ToJsonString());
        Assert.Equal(0, await cluster.OrcAsync($"{line} --dry-run=client"));
        Assert.Equal("horizontalpodautoscaler.autoscaling/web autoscaled (dry run)\n", cluster.Output);
    }

    [Theory]
    [InlineData("expose deploy/api", ExitCodes.Failed, "deployment.apps/api names no port of its containers: specify --port.\n")]
    [InlineData("expose deploy/odd --port=1", ExitCodes.Failed, "deployment.apps/odd does not select its pods by labels alone: specify --selector, such as app=web.\n")]
    [InlineData("autoscale deploy/web --max=5 --cpu=80% --cpu-percent=80", ExitCodes.Usage, "--cpu and --cpu-percent say the same: use one of them.\n")]
    [InlineData("autoscale deploy/web --max=5 --cpu=much%", ExitCodes.Usage, "--cpu takes a whole percentage such as 80%, or an amount, not \"much%\".\n")]
    [InlineData("autoscale deploy/web", ExitCodes.Usage, "Option '--max' is required: see 'orc autoscale --help'.\n")]
    public async Task A_mistake_says_what_to_write(string line, int code, string error)
    {
        using var cluster = Objects();
        Assert.Equal((code, error), (await cluster.OrcAsync(line), cluster.Error));
    }

    private static FakeCluster Objects()
    {
        var cluster = new FakeCluster();
        const string deployments = "GET /apis/apps/v1/namespaces/default/deployments";
        cluster.On($"{deployments}/web", """{"metadata":{"name":"web"},"spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"spec":{"containers":[{"ports":[{"containerPort":80}]}]}}}}""");
        cluster.On($"{deployments}/api", """{"metadata":{"name":"api"},"spec":{"selector":{"matchLabels":{"app":"api"}},"template":{"spec":{"containers":[{}]}}}}""");
        cluster.On($"{deployments}/odd", """{"metadata":{"name":"odd"},"spec":{"selector":{"matchExpressions":[]}}}""");
        cluster.On("GET /api/v1/namespaces/default/pods/two",
            """{"metadata":{"name":"two","labels":{"run":"two"}},"spec":{"containers":[{"ports":[{"containerPort":1},{"containerPort":2}]}]}}""");
        return cluster;
    }
}
