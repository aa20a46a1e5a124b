using System.Net;
using System.Net.Http.Headers;
using Orchestrator.Tests.ApiServer;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>What a ServiceAccount may do with its token: what roles allow, and nothing else.</summary>
[Collection(KubectlCollection.Name)]
public sealed class AccountAccessSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task An_account_may_do_what_its_roles_allow(string version)
    {
        var admin = await cluster.SpaceAsync(version);
        var robot = await RobotAsync(admin, version);
        Assert.Contains($"system:serviceaccount:{admin.Space}:robot", await robot.SucceedAsync("auth whoami"), StringComparison.Ordinal);
        Assert.Contains($"User \"system:serviceaccount:{admin.Space}:robot\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"{admin.Space}\"",
            await robot.FailAsync("get configmaps"), StringComparison.Ordinal);

        await admin.SucceedAsync($"create rolebinding robot --clusterrole=view --serviceaccount={admin.Space}:robot");
        await robot.SucceedAsync("get configmaps");
        await robot.SucceedAsync("get deployments,services");
        Assert.Contains("cannot list resource \"secrets\"", await robot.FailAsync("get secrets"), StringComparison.Ordinal);
        Assert.Contains("cannot create resource \"configmaps\"", await robot.FailAsync("create configmap x"), StringComparison.Ordinal);
        Assert.Contains("cannot list resource \"configmaps\" in API group \"\" at the cluster scope", await robot.FailAsync("get configmaps -A"), StringComparison.Ordinal);
        Assert.Contains("cannot list resource \"configmaps\"", await robot.FailAsync("get configmaps -n kube-system"), StringComparison.Ordinal);

        await admin.SucceedAsync("create role maker --verb=create,get --resource=configmaps");
        await admin.SucceedAsync($"create rolebinding maker --role=maker --serviceaccount={admin.Space}:robot");
        await robot.SucceedAsync("create configmap x");
        await admin.SucceedAsync("delete rolebinding maker");
        Assert.Contains("cannot create resource \"configmaps\"", await robot.FailAsync("create configmap y"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Kubectl_says_what_one_may_do(string version)
    {
        var admin = await cluster.SpaceAsync(version);
        var robot = await RobotAsync(admin, version);
        Assert.Equal("yes", (await admin.SucceedAsync("auth can-i * *")).Trim());
        Assert.Equal("no", (await robot.RunAsync("auth", "can-i", "list", "pods")).Output.Trim());
        await admin.SucceedAsync($"create rolebinding robot --clusterrole=view --serviceaccount={admin.Space}:robot");
        Assert.Equal("yes", (await robot.SucceedAsync("auth can-i list pods")).Trim());
        Assert.Equal("yes", (await robot.SucceedAsync("auth can-i get pods --subresource=log")).Trim());
        Assert.Equal("yes", (await robot.SucceedAsync("auth can-i get /version")).Trim());
        foreach (var no in (string[])["delete pods", "list pods -A", "get secrets", "create pods --subresource=exec", "* *", "get /metrics"])
        {
            Assert.Equal("no", (await robot.RunAsync(["auth", "can-i", .. no.Split(' ')])).Output.Trim());
        }

        var listed = await robot.SucceedAsync("auth can-i --list");
        Assert.Matches(@"(?m)^pods/log\s+\[\]\s+\[\]\s+\[get list watch\]", listed);
        Assert.DoesNotContain("secrets", listed, StringComparison.Ordinal);
        Assert.Contains("cannot create resource \"subjectaccessreviews\"", (await robot.FeedAsync(
            """{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"eve","resourceAttributes":{"verb":"get","resource":"pods"}}}""", "create", "--validate=false", "-f", "-")).Error, StringComparison.Ordinal);
        var review = await admin.FeedAsync($$"""
            {"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"system:serviceaccount:{{admin.Space}}:robot","resourceAttributes":{"verb":"list","resource":"pods","namespace":"{{admin.Space}}"} } }
            """, "create", "-o", "jsonpath={.status.allowed}", "-f", "-");
        Assert.Equal("true", review.Succeeded());
        Assert.Contains("exactly one of nonResourceAttributes or resourceAttributes must be specified", (await admin.FeedAsync(
            """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{}}""", "create", "-f", "-")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_administers_a_namespace_gives_itself_nothing()
    {
        var admin = await cluster.SpaceAsync(Kubectl.Newest);
        var robot = await RobotAsync(admin, Kubectl.Newest);
        await admin.SucceedAsync($"create rolebinding robot --clusterrole=admin --serviceaccount={admin.Space}:robot");
        await robot.SucceedAsync("create configmap x");
        Assert.Contains("cannot bind resource \"clusterroles\"", await robot.FailAsync($"create rolebinding more --clusterrole=cluster-admin --serviceaccount={admin.Space}:robot"), StringComparison.Ordinal);
        Assert.Contains("cannot escalate resource \"roles\"", await robot.FailAsync("create role more --verb=* --resource=nodes"), StringComparison.Ordinal);
        Assert.Contains("forbidden", await robot.FailAsync($"get --raw /apis/history.orchestrator.io/v1/core/configmaps/{admin.Space}/x"), StringComparison.Ordinal);
        Assert.Contains("forbidden", await robot.FailAsync("get --raw /backup"), StringComparison.Ordinal);
        Assert.Contains("forbidden", await robot.FailAsync("get --raw /metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_of_deleted_pods_are_for_whoever_may_read_logs_there()
    {
        var admin = await cluster.SpaceAsync(Kubectl.Newest);
        var robot = await RobotAsync(admin, Kubectl.Newest);
        var kept = $"get --raw /api/v1/namespaces/{admin.Space}/pods/gone/log?orchestrator.io/deleted=list";
        await admin.SucceedAsync("create role almost --verb=get,list --resource=pods");
        await admin.SucceedAsync($"create rolebinding almost --role=almost --serviceaccount={admin.Space}:robot");
        Assert.Contains("Forbidden", await robot.FailAsync(kept), StringComparison.OrdinalIgnoreCase);
        await admin.SucceedAsync("create role reader --verb=get --resource=pods/log");
        await admin.SucceedAsync($"create rolebinding reader --role=reader --serviceaccount={admin.Space}:robot");
        Assert.Equal("{\"items\":[]}", await robot.SucceedAsync(kept));
        Assert.Contains("Forbidden", await robot.FailAsync(kept.Replace(admin.Space!, "default", StringComparison.Ordinal)), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_token_that_is_not_valid_is_nobodys()
    {
        var admin = await cluster.SpaceAsync(Kubectl.Newest);
        await admin.SucceedAsync("create serviceaccount robot");
        var token = (await admin.SucceedAsync("create token robot")).Trim();
        Assert.Equal(HttpStatusCode.Forbidden, await CodeAsync(token));
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync((await admin.SucceedAsync("create token robot --audience vault")).Trim()));
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(token[..^6] + "AAAAAA"));
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync("nonsense"));
        await admin.SucceedAsync("delete serviceaccount robot");
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(token));
        Assert.DoesNotContain(token.Split('.')[2], cluster.Node.Output, StringComparison.Ordinal);
    }

    private async Task<HttpStatusCode> CodeAsync(string token)
    {
        using var client = TokenClient.Of(cluster.Node);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.GetAsync(new Uri("/api/v1/nodes", UriKind.Relative));
        return answer.StatusCode;
    }

    // A kubectl that has nothing but the account's token.
    private async Task<Kubectl> RobotAsync(Kubectl admin, string version)
    {
        await admin.SucceedAsync("create serviceaccount robot");
        var token = (await admin.SucceedAsync("create token robot")).Trim();
        var path = Path.Combine(cluster.Node.DataDir, $"{admin.Space}.kubeconfig");
        await File.WriteAllTextAsync(path, $$"""
            {"apiVersion":"v1","kind":"Config","current-context":"c","contexts":[{"name":"c","context":{"cluster":"c","user":"robot"} }],
             "clusters":[{"name":"c","cluster":{"server":"https://{{cluster.Node.Address}}","certificate-authority":"{{Path.Combine(cluster.Node.DataDir, "pki", "ca.crt")}}"} }],
             "users":[{"name":"robot","user":{"token":"{{token}}"} }]}
            """);
        return new Kubectl(version, path, admin.Space);
    }
}
