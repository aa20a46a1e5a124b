using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class SchedulingSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task A_gated_pod_waits_until_its_last_gate_is_removed(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        const string Gated = """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"waits"},"spec":{"schedulingGates":[{"name":"example.com/quota"},{"name":"example.com/data"}],
             "containers":[{"name":"main","image":"orchestrator/sample:1"}]} }
            """;
        (await kubectl.FeedAsync(Gated, "create", "-f", "-")).Succeeded();
        Assert.Equal(["waits", "0/1", "SchedulingGated"], Columns.Rows(await kubectl.SucceedAsync("get pods")).Single()[..3]);
        Assert.Contains("non-empty .spec.schedulingGates", (await kubectl.FeedAsync(
            """{"apiVersion":"v1","kind":"Binding","metadata":{"name":"waits"},"target":{"kind":"Node","name":"n"}}""", "create", "--raw", $"/api/v1/namespaces/{kubectl.Space}/pods/waits/binding", "-f", "-")).Error, StringComparison.Ordinal);
        Assert.Contains("only deletion is allowed", (await PatchAsync(kubectl, """[{"op":"add","path":"/spec/schedulingGates/-","value":{"name":"third"}}]""")).Error, StringComparison.Ordinal);

        (await PatchAsync(kubectl, """[{"op":"remove","path":"/spec/schedulingGates/0"}]""")).Succeeded();
        Assert.Equal("SchedulingGated", Columns.Rows(await kubectl.SucceedAsync("get pods")).Single()[2]);
        (await PatchAsync(kubectl, """[{"op":"remove","path":"/spec/schedulingGates"}]""")).Succeeded();
        await kubectl.SucceedAsync("wait pod/waits --for=condition=Ready --timeout=30s");
        Assert.Equal("Running", Columns.Rows(await kubectl.SucceedAsync("get pods")).Single()[2]);
    }

    private static Task<CommandResult> PatchAsync(Kubectl kubectl, string patch) => kubectl.RunAsync("patch", "pod", "waits", "--type=json", "-p", patch);
}
