using System.Text.Json.Nodes;
using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Conformance;

/// <summary>Rollouts of deployments.</summary>
[Collection(KubectlCollection.Name)]
public sealed class DeploymentSpec(KubectlCluster cluster)
{
    private const string NowhereTemplate = """{"spec":{"template":{"metadata":{"labels":{"tier":"stuck"}},"spec":{"nodeSelector":{"is":"nowhere"}}}}}""";

    [Fact]
    [Conformance("Deployment RecreateDeployment should delete old pods and create new ones")]
    public async Task Recreate_has_no_new_pod_while_an_old_one_is_there()
    {
        var space = await ApiSpace.CreateAsync(cluster);
        await DeployAsync(space, "\"replicas\":2,\"strategy\":{\"type\":\"Recreate\"}");
        var pods = await space.GetAsync(space.Path("pods"));
        var old = pods["items"]!.AsArray().Select(p => (string)p!["metadata"]!["name"]!).ToHashSet();
        using var changes = new StreamReader(await space.OpenAsync($"{space.Path("pods")}?watch=true&resourceVersion={pods["metadata"]!["resourceVersion"]}&timeoutSeconds=60"));
        await space.PatchAsync(space.Path("deployments", "web"), """{"spec":{"template":{"metadata":{"labels":{"tier":"new"}}}}}""");

        for (var made = 0; made < 2;)
        {
            var change = JsonNode.Parse(await changes.ReadLineAsync() ?? throw new InvalidOperationException("The watch ended before the new pods were there."))!;
            if ((string)change["type"]! == "DELETED")
            {
                old.Remove((string)change["object"]!["metadata"]!["name"]!);
            }
            else if ((string)change["type"]! == "ADDED")
            {
                Assert.Empty(old);
                made++;
            }
        }

        await RolledAsync(space);
        Assert.Equal(2, (await space.NamesAsync("pods")).Length);
    }

    [Fact]
    [Conformance("Deployment deployment should delete old replica sets")]
    public async Task Replica_sets_beyond_the_history_limit_go()
    {
        var space = await ApiSpace.CreateAsync(cluster);
        await DeployAsync(space, "\"replicas\":1,\"revisionHistoryLimit\":0");
        var first = Assert.Single(await space.NamesAsync("rs"));
        await space.PatchAsync(space.Path("deployments", "web"), """{"spec":{"template":{"metadata":{"labels":{"tier":"new"}}}}}""");
        await RolledAsync(space);
        await space.Kubectl.WaitForAsync("get rs -o jsonpath={.items[*].metadata.name}", t => t.Length > 0 && t != first && !t.Contains(' ', StringComparison.Ordinal));
    }

    [Fact]
    [Conformance("Deployment deployment should support proportional scaling")]
    public async Task A_scaling_amid_a_rollout_is_shared_by_both_replica_sets()
    {
        var space = await ApiSpace.CreateAsync(cluster);
        await DeployAsync(space, "\"replicas\":10,\"strategy\":{\"rollingUpdate\":{\"maxSurge\":3,\"maxUnavailable\":2}}");
        await space.PatchAsync(space.Path("deployments", "web"), NowhereTemplate, "application/strategic-merge-patch+json");
        await SizesAsync(space, "5 8");
        await space.PatchAsync(space.Path("deployments", "web") + "/scale", """{"spec":{"replicas":30}}""");
        // 33 pods are the most that may be: what was added is shared in the proportion of 8 to 5.
        await SizesAsync(space, "13 20");
        await space.Kubectl.SucceedAsync("delete deployment web");
    }

    [Fact]
    [Conformance("Deployment deployment should support rollover")]
    public async Task A_rollout_that_is_overtaken_gives_way_to_the_newest_template()
    {
        var space = await ApiSpace.CreateAsync(cluster);
        await DeployAsync(space, "\"replicas\":3");
        await space.PatchAsync(space.Path("deployments", "web"), NowhereTemplate, "application/strategic-merge-patch+json");
        await SizesAsync(space, "1 3");
        await space.PatchAsync(space.Path("deployments", "web"), """{"spec":{"template":{"metadata":{"labels":{"tier":"newest"}},"spec":{"nodeSelector":null}}}}""");
        await RolledAsync(space);
        await SizesAsync(space, "0 0 3");
        await space.Kubectl.WaitForAsync("get pods -o jsonpath={.items[*].metadata.labels.tier}", t => t == "newest newest newest");
    }

    [Fact]
    [Conformance("Deployment should run the lifecycle of a Deployment")]
    public async Task A_deployment_is_created_patched_replaced_watched_and_deleted()
    {
        var space = await ApiSpace.CreateAsync(cluster);
        await DeployAsync(space, "\"replicas\":1");
        var path = space.Path("deployments", "web");
        await using var watch = space.Kubectl.Start("get deployments --watch-only --output-watch-events");
        await space.PatchAsync(path, """{"metadata":{"labels":{"life":"one"}},"spec":{"replicas":2}}""");
        await space.Kubectl.WaitForAsync("get deployments -A -l life=one -o jsonpath={.items[*].status.readyReplicas}", t => t == "2");
        await space.UpdateAsync(path, d =>
        {
            d["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "orchestrator/sample:2";
            d["metadata"]!["labels"]!["life"] = "two";
        });
        await RolledAsync(space);
        Assert.Equal("orchestrator/sample:2", await space.Kubectl.SucceedAsync("get deployments -l life=two -o jsonpath={.items[0].spec.template.spec.containers[0].image}"));
        await space.UpdateAsync(path + "/status", d => d["status"]!["readyReplicas"] = 2);
        await space.DeleteAsync($"{space.Path("deployments")}?labelSelector=life%3Dtwo");
        await space.Kubectl.WaitForAsync("get deployments,rs,pods -o name", t => t.Length == 0);
        await Kit.Poll.UntilAsync(() => Task.FromResult(watch.Output.Contains("DELETED", StringComparison.Ordinal)),
            TimeSpan.FromSeconds(30), () => $"the watch tells of the deployment; it said {watch.Output}");
    }

    private static async Task DeployAsync(ApiSpace space, string fields)
    {
        await space.PostAsync("deployments", "web", $$"""{"selector":{{ApiSpace.Selector}},"template":{{ApiSpace.Template}},{{fields}} }""");
        await RolledAsync(space);
    }

    private static Task<string> RolledAsync(ApiSpace space) => space.Kubectl.SucceedAsync("rollout status deployment/web --timeout=50s");

    // The wanted sizes of all replica sets, the smallest first.
    private static Task<string> SizesAsync(ApiSpace space, string sizes) => space.Kubectl.WaitForAsync(
        "get rs -o jsonpath={.items[*].spec.replicas}", t => string.Join(' ', t.Split(' ').Order(Comparer<string>.Create((a, b) => a.Length != b.Length ? a.Length - b.Length : string.CompareOrdinal(a, b)))) == sizes);
}
