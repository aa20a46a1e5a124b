using Orchestrator.Tests.Conformance;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class DisruptionSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    [Conformance("DisruptionController should block an eviction until the PDB is updated to allow it")]
    [Conformance("DisruptionController should create a PodDisruptionBudget")]
    [Conformance("DisruptionController should observe PodDisruptionBudget status updated")]
    public async Task A_budget_blocks_an_eviction_until_it_allows_it(string version)
    {
        var kubectl = await cluster.WebAsync(version);
        Assert.Equal("poddisruptionbudget.policy/web created\n", await kubectl.SucceedAsync("create pdb web --selector=app=web --min-available=3"));
        await kubectl.WaitForAsync("get pdb web -o jsonpath={.status.currentHealthy}/{.status.desiredHealthy}", t => t == "3/3");
        Assert.Equal("NAME MIN AVAILABLE MAX UNAVAILABLE ALLOWED DISRUPTIONS AGE", Columns.Header(await kubectl.SucceedAsync("get pdb")));
        Assert.Equal(["web", "3", "N/A", "0"], Columns.Rows(await kubectl.SucceedAsync("get pdb")).Single()[..4]);
        var pods = (await kubectl.SucceedAsync("get pods -o jsonpath={.items[*].metadata.name}")).Split(' ');
        var refused = await EvictAsync(kubectl, pods[0]);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("Cannot evict pod as it would violate the pod's disruption budget.", refused.Error, StringComparison.Ordinal);

        await kubectl.SucceedAsync("patch pdb web --type=merge -p {\"spec\":{\"minAvailable\":2}}");
        await kubectl.WaitForAsync("get pdb web -o jsonpath={.status.disruptionsAllowed}", t => t == "1");
        (await EvictAsync(kubectl, pods[0])).Succeeded();
        await kubectl.WaitForAsync($"get pod {pods[0]} --ignore-not-found -o name", t => t.Length == 0);

        // A replacement makes another one possible; the pods of a budget that is gone go at once.
        await kubectl.WaitForAsync("get pdb web -o jsonpath={.status.disruptionsAllowed}", t => t == "1");
        await kubectl.SucceedAsync("delete pdb --all");
        foreach (var pod in pods[1..])
        {
            (await EvictAsync(kubectl, pod)).Succeeded();
        }
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Evictions_at_once_use_the_last_allowed_disruption_once(string version)
    {
        var kubectl = await cluster.WebAsync(version, 6);
        await kubectl.SucceedAsync("create pdb web --selector=app=web --max-unavailable=2");
        await kubectl.WaitForAsync("get pdb web -o jsonpath={.status.disruptionsAllowed}", t => t == "2");

        // Nothing else is started meanwhile, so that no replacement allows another one.
        var nodes = await kubectl.SucceedAsync("get nodes -o jsonpath={.items[*].metadata.name}");
        await kubectl.SucceedAsync($"cordon {nodes}");
        try
        {
            var pods = (await kubectl.SucceedAsync("get pods -o jsonpath={.items[*].metadata.name}")).Split(' ');
            var results = await Task.WhenAll(pods.Select(p => EvictAsync(kubectl, p)));
            Assert.Equal(2, results.Count(r => r.ExitCode == 0));
            Assert.All(results.Where(r => r.ExitCode != 0), r => Assert.Contains("disruption budget", r.Error, StringComparison.Ordinal));
        }
        finally
        {
            await kubectl.SucceedAsync($"uncordon {nodes}");
        }
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_drain_waits_for_the_budget(string version)
    {
        var kubectl = await cluster.WebAsync(version, 3);
        await kubectl.SucceedAsync("create pdb web --selector=app=web --max-unavailable=1");
        await kubectl.WaitForAsync("get pdb web -o jsonpath={.status.disruptionsAllowed}", t => t == "1");
        var node = await kubectl.SucceedAsync("get pods -o jsonpath={.items[0].spec.nodeName}");
        try
        {
            Assert.Contains($"node/{node} drained", await kubectl.SucceedAsync($"drain {node} --ignore-daemonsets --force --delete-emptydir-data --pod-selector=app=web --timeout=50s"), StringComparison.Ordinal);
            Assert.DoesNotContain(node, (await kubectl.SucceedAsync("get pods -o jsonpath={.items[*].spec.nodeName}")).Split(' '));
        }
        finally
        {
            await kubectl.SucceedAsync($"uncordon {node}");
        }
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Its_status_can_be_written_and_a_wrong_spec_is_refused(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        await kubectl.SucceedAsync("create pdb web --selector=app=web --min-available=50%");
        (await kubectl.RunAsync("patch", "pdb", "web", "--subresource=status", "--type=merge", "-p", """{"status":{"conditions":[{"type":"Looked","status":"True","reason":"At","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}""")).Succeeded();
        Assert.Contains("must not be greater than 100%", (await kubectl.RunAsync("patch", "pdb", "web", "--type=merge", "-p", """{"spec":{"minAvailable":"150%"}}""")).Error, StringComparison.Ordinal);
        Assert.Contains("cannot be both set", (await kubectl.RunAsync("patch", "pdb", "web", "--type=merge", "-p", """{"spec":{"maxUnavailable":1}}""")).Error, StringComparison.Ordinal);
        await kubectl.SucceedAsync("create pdb other --selector=app=other --max-unavailable=1");
        Assert.Equal(2, Columns.Lines(await kubectl.SucceedAsync("get pdb -o name")).Length);
        await kubectl.SucceedAsync("delete pdb --all");
        Assert.Equal("", await kubectl.SucceedAsync("get pdb -o name"));
    }

    private static Task<CommandResult> EvictAsync(Kubectl kubectl, string pod) => kubectl.FeedAsync(
        $$$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{{pod}}}"}}""", "create", "--raw", $"/api/v1/namespaces/{kubectl.Space}/pods/{pod}/eviction", "-f", "-");
}
