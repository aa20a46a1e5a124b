using Orchestrator.Tests.Kit;
using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Samples;

/// <summary>The manifests of samples/intro, with the commands that a newcomer tries on them.</summary>
[Collection(KubectlCollection.Name)]
public class IntroSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task The_deployment_makes_a_replica_set_and_a_pod(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        Assert.Equal("deployment.apps/frontend created\n", await kubectl.SucceedAsync($"create -f {Sample("frontend-deployment")}"));
        await kubectl.SucceedAsync("rollout status deployment/frontend --timeout=30s");

        var deployments = await kubectl.SucceedAsync("get deployments");
        Assert.Equal("NAME READY UP-TO-DATE AVAILABLE AGE", Columns.Header(deployments));
        Assert.Equal(["frontend", "1/1", "1", "1"], Columns.Rows(deployments).Single()[..4]);

        var sets = await kubectl.SucceedAsync("get rs");
        Assert.Equal("NAME DESIRED CURRENT READY AGE", Columns.Header(sets));
        Assert.Matches("^frontend-[bcdfghjklmnpqrstvwxz2456789]+ 1 1 1 ", string.Join(' ', Columns.Rows(sets).Single()));

        var pods = await kubectl.SucceedAsync("get pods");
        Assert.Equal("NAME READY STATUS RESTARTS AGE", Columns.Header(pods));
        var pod = Columns.Rows(pods).Single();
        Assert.Matches($"^{Columns.Rows(sets).Single()[0]}-[bcdfghjklmnpqrstvwxz2456789]{{5}} 1/1 Running 0 ", string.Join(' ', pod));

        Assert.Matches(@"Replicas:\s+1 desired \| 1 updated \| 1 total \| 1 available \| 0 unavailable", await kubectl.SucceedAsync("describe deployments"));
        var labels = await kubectl.SucceedAsync("get pods --show-labels");
        Assert.Equal("NAME READY STATUS RESTARTS AGE LABELS", Columns.Header(labels));
        Assert.Contains("app=app-demo,pod-template-hash=", labels, StringComparison.Ordinal);
        await kubectl.WaitForAsync($"describe pod {pod[0]}", t => t.Contains("Started container tomcat-demo", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Selectors_by_equality_and_by_set_choose_the_pods(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        await kubectl.SucceedAsync($"apply -f {Sample("labelled-pods")}");
        async Task ChoosesAsync(string selector, params string[] pods)
        {
            var names = (await kubectl.RunAsync("get", "pods", "-l", selector, "-o", "name")).Succeeded();
            Assert.Equal(pods.Select(p => $"pod/{p}"), Columns.Lines(names).Order(StringComparer.Ordinal));
        }

        await ChoosesAsync("name=redis-slave", "slave-production", "slave-test");
        await ChoosesAsync("env!=production", "page", "slave-test");
        await ChoosesAsync("name in (redis-master, redis-slave)", "master", "slave-production", "slave-test");
        await ChoosesAsync("name notin (php-frontend)", "master", "slave-production", "slave-test");
        await ChoosesAsync("name=redis-slave,env!=production", "slave-test");
        await ChoosesAsync("name notin (php-frontend),env!=production", "slave-test");
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Requests_and_limits_are_kept_and_counted(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        Assert.Equal("pod/db created\n", await kubectl.SucceedAsync($"apply -f {Sample("db-pod")}"));
        await kubectl.SucceedAsync("wait pod/db --for=condition=Ready --timeout=30s");
        var text = string.Join(' ', (await kubectl.SucceedAsync("describe pod db")).Split((char[])[' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("Limits: cpu: 500m memory: 128Mi Requests: cpu: 250m memory: 64Mi", text, StringComparison.Ordinal);
        Assert.Contains("QoS Class: Burstable", text, StringComparison.Ordinal);
        var node = await kubectl.SucceedAsync("get pod db -o jsonpath={.spec.nodeName}");
        Assert.Matches($@"{kubectl.Space}\s+db\s+250m \(\d+%\)\s+500m \(\d+%\)\s+64Mi \(\d+%\)\s+128Mi \(\d+%\)", await kubectl.SucceedAsync($"describe node {node}"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_misspelt_field_is_named(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var text = (await File.ReadAllTextAsync(Sample("db-pod"))).Replace("resources:", "resource:", StringComparison.Ordinal);
        var result = await kubectl.FeedAsync(text, "apply", "-f", "-");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("unknown field \"spec.containers[0].resource\"", result.Error, StringComparison.Ordinal);
        Assert.Equal("", await kubectl.SucceedAsync("get pods -o name"));
    }

    private static string Sample(string name) => Path.Combine(Repository.Root, "samples", "intro", $"{name}.yaml");
}
