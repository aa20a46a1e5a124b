using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>Rights that are about less than all objects of a kind, with a token beside the certificate of the admin.</summary>
[Collection(KubectlCollection.Name)]
public sealed class AccountRightsSpec(KubectlCluster cluster)
{
    [Fact]
    public async Task A_right_on_one_name_is_enough_to_list_watch_and_wait_for_it()
    {
        var (admin, robot) = await RobotAsync("""{"apiGroups":[""],"resources":["configmaps"],"resourceNames":["x"],"verbs":["get","list","watch"]}""");
        await admin.SucceedAsync("create configmap x");
        await admin.SucceedAsync("create configmap y");
        await admin.SucceedAsync($"{robot} get configmap x");
        Assert.Contains("configmap/x", await admin.SucceedAsync($"{robot} get configmaps --field-selector metadata.name=x -o name"), StringComparison.Ordinal);
        await admin.SucceedAsync($"{robot} wait configmap/x --for=jsonpath={{.metadata.name}}=x --timeout=30s");
        Assert.Contains("cannot list resource \"configmaps\"", await admin.FailAsync($"{robot} get configmaps"), StringComparison.Ordinal);
        Assert.Contains("cannot list resource \"configmaps\"", await admin.FailAsync($"{robot} get configmaps --field-selector metadata.name=y"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_gives_the_histories_of_its_namespace_by_resource()
    {
        var (admin, robot) = await RobotAsync("""{"apiGroups":["history.orchestrator.io"],"resources":["configmaps"],"verbs":["get"]}""");
        await admin.SucceedAsync("create configmap x");
        await admin.SucceedAsync("create secret generic x");
        const string root = "/apis/history.orchestrator.io/v1/core";
        Assert.Contains("HistoryList", await admin.SucceedAsync($"{robot} get --raw {root}/configmaps/{admin.Space}/x"), StringComparison.Ordinal);
        Assert.Contains("cannot get resource \"secrets\" in API group \"history.orchestrator.io\"", await admin.FailAsync($"{robot} get --raw {root}/secrets/{admin.Space}/x"), StringComparison.Ordinal);
        Assert.Contains("in the namespace \"default\"", await admin.FailAsync($"{robot} get --raw {root}/configmaps/default/x"), StringComparison.Ordinal);
        Assert.Contains("at the cluster scope", await admin.FailAsync($"{robot} get --raw {root}/configmaps/-/x"), StringComparison.Ordinal);
        Assert.Contains("the path is /apis/history.orchestrator.io", await admin.FailAsync($"get --raw {root}/namespaces/{admin.Space}/{admin.Space}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_lets_push_metrics_of_its_namespace_and_of_nothing_else()
    {
        var (admin, robot) = await RobotAsync("""{"apiGroups":["custom.metrics.k8s.io"],"resources":["metrics"],"verbs":["create"]}""");
        var path = $"/apis/custom.metrics.k8s.io/v1beta2/namespaces/{admin.Space}";
        string[] push = [.. robot.Split(' '), "create", "--raw", path, "-f", "-"];
        (await admin.FeedAsync("""{"items":[{"describedObject":{"kind":"Service","name":"shop"},"metric":{"name":"rps"},"value":"1"}]}""", push)).Succeeded();
        Assert.Contains("at the cluster scope", (await admin.FeedAsync("""{"items":[{"describedObject":{"kind":"Node","name":"n1"},"metric":{"name":"rps"},"value":"1"}]}""", push)).Error, StringComparison.Ordinal);
        push[^3] = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/default";
        Assert.Contains("in the namespace \"default\"", (await admin.FeedAsync("""{"items":[]}""", push)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_bind_one_role_binds_it_and_no_other()
    {
        var (admin, robot) = await RobotAsync("""
            {"apiGroups":["rbac.authorization.k8s.io"],"resources":["rolebindings"],"verbs":["create","get","patch","update"]},
            {"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"],"resourceNames":["view"],"verbs":["bind"]}
            """);
        await admin.SucceedAsync($"{robot} create rolebinding seen --clusterrole=view --user=anna");
        await admin.SucceedAsync($"{robot} set subject rolebinding seen --user=bert");
        Assert.Contains("cannot bind resource \"clusterroles\"", await admin.FailAsync($"{robot} create rolebinding more --clusterrole=edit --user=anna"), StringComparison.Ordinal);
        Assert.Contains("cannot bind resource \"roles\"", await admin.FailAsync($"{robot} create rolebinding more --role=view --user=anna"), StringComparison.Ordinal);
        await admin.SucceedAsync("create rolebinding edited --clusterrole=edit --user=anna");
        Assert.Contains("\"edit\" is forbidden", await admin.FailAsync($"{robot} set subject rolebinding edited --user=bert"), StringComparison.Ordinal);
        var edited = (await admin.SucceedAsync("get rolebinding edited -o json")).Replace("\"anna\"", "\"bert\"", StringComparison.Ordinal);
        Assert.Contains("\"edit\" is forbidden", (await admin.FeedAsync(edited, robot, "replace", "-f", "-")).Error, StringComparison.Ordinal);
        Assert.Contains("anna", await admin.SucceedAsync("get rolebinding edited -o jsonpath={.subjects[0].name}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_right_to_the_metrics_of_nodes_shows_these_pages_and_no_others()
    {
        var (admin, robot) = await RobotAsync("""{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}""");
        var node = (await admin.SucceedAsync("get nodes -o jsonpath={.items[0].metadata.name}")).Trim();
        var root = $"{robot} get --raw /api/v1/nodes/{node}/proxy";
        Assert.Contains("cannot get resource \"nodes/proxy\"", await admin.FailAsync($"{root}/metrics/resource"), StringComparison.Ordinal);
        await admin.SucceedAsync($"create clusterrole {admin.Space} --verb=get --resource=nodes/metrics,nodes/stats");
        await admin.SucceedAsync($"create clusterrolebinding {admin.Space} --clusterrole={admin.Space} --serviceaccount={admin.Space}:robot");
        Assert.Contains("\nnode_cpu_usage_seconds_total ", await admin.WaitForAsync($"{root}/metrics/resource", t => t.Length > 0), StringComparison.Ordinal);
        Assert.Contains($"\"nodeName\":\"{node}\"", await admin.SucceedAsync($"{root}/stats/summary?only_cpu_and_memory=true"), StringComparison.Ordinal);
        Assert.Contains("cannot get resource \"nodes/proxy\"", await admin.FailAsync($"{root}/pods"), StringComparison.Ordinal);
        Assert.Contains("PodList", await admin.SucceedAsync($"get --raw /api/v1/nodes/{node}:10250/proxy/pods"), StringComparison.Ordinal);
        Assert.Contains("10250", await admin.FailAsync($"get --raw /api/v1/nodes/{node}:22/proxy/pods"), StringComparison.Ordinal);
        Assert.Contains("NotFound", await admin.FailAsync("get --raw /api/v1/nodes/nobody/proxy/pods"), StringComparison.Ordinal);
    }

    // The admin's kubectl, and the option that makes it act as an account with these rules.
    private async Task<(Kubectl Admin, string Robot)> RobotAsync(string rule)
    {
        var admin = await cluster.SpaceAsync(Kubectl.Newest);
        await admin.SucceedAsync("create serviceaccount robot");
        (await admin.FeedAsync($$"""{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"robot"},"rules":[{{rule}}]}""", "create", "-f", "-")).Succeeded();
        await admin.SucceedAsync($"create rolebinding robot --role=robot --serviceaccount={admin.Space}:robot");
        return (admin, $"--token={(await admin.SucceedAsync("create token robot")).Trim()}");
    }
}
