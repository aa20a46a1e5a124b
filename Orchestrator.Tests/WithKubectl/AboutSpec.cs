using System.Net;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class AboutSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task The_server_tells_its_version_and_place(string version)
    {
        var kubectl = cluster.Node.Kubectl(version);
        var answer = await kubectl.JsonAsync("version");
        Assert.StartsWith("v1.", (string?)answer["serverVersion"]!["gitVersion"], StringComparison.Ordinal);
        Assert.Contains($"https://{cluster.Node.Address}", await kubectl.SucceedAsync("cluster-info"), StringComparison.Ordinal);
        Assert.Equal("ok", (await kubectl.SucceedAsync("get --raw /readyz")).Trim());
        Assert.Equal("ok", (await kubectl.SucceedAsync("get --raw /livez")).Trim());
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task The_kinds_are_listed_with_short_names_and_scope(string version)
    {
        var table = await cluster.Node.Kubectl(version).SucceedAsync("api-resources");
        Assert.Equal("NAME SHORTNAMES APIVERSION NAMESPACED KIND", Columns.Header(table));
        var rows = Columns.Rows(table).Select(r => string.Join(' ', r)).ToList();
        Assert.Subset(rows.ToHashSet(), new HashSet<string>
        {
            "pods po v1 true Pod", "namespaces ns v1 false Namespace", "nodes no v1 false Node", "configmaps cm v1 true ConfigMap",
            "events ev v1 true Event", "deployments deploy apps/v1 true Deployment", "replicasets rs apps/v1 true ReplicaSet",
        });
        Assert.Contains("apps/v1\n", await cluster.Node.Kubectl(version).SucceedAsync("api-versions"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Fields_are_explained(string version)
    {
        var kubectl = cluster.Node.Kubectl(version);
        var text = await kubectl.SucceedAsync("explain deployment.spec.replicas");
        Assert.Matches(@"KIND:\s+Deployment", text);
        Assert.Contains("replicas", text, StringComparison.Ordinal);
        Assert.Contains("containers", await kubectl.SucceedAsync("explain pod.spec"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/pods", HttpStatusCode.Unauthorized)]
    [InlineData("/apis/apps/v1/deployments", HttpStatusCode.Unauthorized)]
    [InlineData("/api", HttpStatusCode.Unauthorized)]
    [InlineData("/readyz", HttpStatusCode.OK)]
    [InlineData("/livez", HttpStatusCode.OK)]
    [InlineData("/version", HttpStatusCode.OK)]
    public async Task Who_does_not_say_who_asks_learns_little(string path, HttpStatusCode code)
    {
        using var response = await cluster.Node.Anonymous.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(code, response.StatusCode);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Events_tell_what_happened_to_an_object(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        await kubectl.WaitForAsync("get events", t => t.Contains("Started container main", StringComparison.Ordinal));
        Assert.Equal("LAST SEEN TYPE REASON OBJECT MESSAGE", Columns.Header(await kubectl.SucceedAsync("get events")));
        var table = await kubectl.SucceedAsync("events --for deployment/web");
        Assert.Equal("LAST SEEN TYPE REASON OBJECT MESSAGE", Columns.Header(table));
        var row = Columns.Rows(table).Single();
        Assert.Equal(["Normal", "ScalingReplicaSet", "Deployment/web"], row[1..4]);
        Assert.StartsWith("Scaled up replica set web-", row[4], StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Wait_ends_when_the_condition_holds_or_the_time_is_up(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        Assert.Equal("deployment.apps/web condition met\n", await kubectl.SucceedAsync("wait deployment/web --for=condition=Available --timeout=20s"));
        Assert.Matches("^pod/web-\\S+ condition met\n$", await kubectl.SucceedAsync("wait pod -l app=web --for=condition=Ready --timeout=20s"));
        Assert.Equal("deployment.apps/web condition met\n", await kubectl.SucceedAsync("wait deployment/web --for=jsonpath={.status.readyReplicas}=1 --timeout=20s"));
        Assert.Contains("timed out waiting for the condition on deployments/web",
            await kubectl.FailAsync("wait deployment/web --for=condition=Nonsense --timeout=1s"), StringComparison.Ordinal);
    }
}
