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
    public async Task The_replication_controller_keeps_its_pods_and_leaves_them_if_told_so(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        Assert.Equal("replicationcontroller/frontend created\n", await kubectl.SucceedAsync($"create -f {Sample("frontend-rc")}"));
        await kubectl.WaitForAsync("get rc", t => Columns.Rows(t) is [["frontend", "1", "1", "1", _]]);
        Assert.Equal("NAME DESIRED CURRENT READY AGE", Columns.Header(await kubectl.SucceedAsync("get rc")));

        Assert.Equal("replicationcontroller/frontend scaled\n", await kubectl.SucceedAsync("scale rc frontend --replicas=3"));
        await kubectl.WaitForAsync("get rc", t => Columns.Rows(t) is [["frontend", "3", "3", "3", _]]);
        var lost = Columns.Lines(await kubectl.SucceedAsync("get pods -o name"))[0];
        await kubectl.SucceedAsync($"delete {lost} --now");
        await kubectl.WaitForAsync("get rc", t => Columns.Rows(t) is [["frontend", "3", "3", "3", _]]);
        Assert.DoesNotContain(lost, Columns.Lines(await kubectl.SucceedAsync("get pods -o name")));
        var described = await kubectl.SucceedAsync("describe rc frontend");
        Assert.Matches(@"Replicas:\s+3 current / 3 desired", described);
        Assert.Matches(@"Pods Status:\s+3 Running / 0 Waiting / 0 Succeeded / 0 Failed", described);
        Assert.Matches(@"SuccessfulCreate\s+\S+\s+replication-controller\s+Created pod: frontend-", described);

        // Without its pods, which another one then adopts; with them.
        await kubectl.SucceedAsync("delete rc frontend --cascade=orphan");
        await kubectl.WaitForAsync("get pods -o jsonpath={.items[*].metadata.ownerReferences}", t => t.Length == 0);
        var left = Columns.Lines(await kubectl.SucceedAsync("get pods -o name")).Order().ToList();
        Assert.Equal(3, left.Count);
        await kubectl.SucceedAsync($"create -f {Sample("frontend-rc")}");
        await kubectl.SucceedAsync("scale rc frontend --replicas=3");
        await kubectl.WaitForAsync("get rc", t => Columns.Rows(t) is [["frontend", "3", "3", "3", _]]);
        await kubectl.SucceedAsync("delete rc frontend");
        await kubectl.WaitForAsync("get pods -o name", t => t.Length == 0);
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
        result.EndedWith(1);
        Assert.Contains("unknown field \"spec.containers[0].resource\"", result.Error, StringComparison.Ordinal);
        Assert.Equal("", await kubectl.SucceedAsync("get pods -o name"));
    }

    private static string Sample(string name) => Path.Combine(Repository.Root, "samples", "intro", $"{name}.yaml");
}
