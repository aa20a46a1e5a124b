using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>What is refused is refused with what is wrong, in the words that kubectl shows.</summary>
[Collection(KubectlCollection.Name)]
public class RefusalSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task A_patch_names_the_operation_and_what_is_missing(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        Assert.Contains("operation 0 (replace \"/spec/nope/x\"): there is no \"/spec/nope\"",
            await kubectl.FailAsync("patch deployment web --type=json -p [{\"op\":\"replace\",\"path\":\"/spec/nope/x\",\"value\":1}]"), StringComparison.Ordinal);
        Assert.Contains("operation 0 (test \"/spec/replicas\"): the test failed: the value is 1, not 2",
            await kubectl.FailAsync("patch deployment web --type=json -p [{\"op\":\"test\",\"path\":\"/spec/replicas\",\"value\":2}]"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task What_is_not_supported_yet_says_so(string version)
    {
        var kubectl = await cluster.PodAsync(version, "here", "sleep 3600");
        foreach (var (line, sentence) in ((string, string)[])
        [
            ("exec here -- true", "is simulated: nothing runs there that could be reached"),
            ("attach here", "is simulated: nothing runs there that could be reached"),
        ])
        {
            Assert.Contains(sentence, await kubectl.FailAsync(line), StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_kind_that_is_not_served_is_no_fault_of_the_server(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        Assert.Contains("the server doesn't have a resource type \"widgets\"", await kubectl.FailAsync("get widgets"), StringComparison.Ordinal);
        var applied = await kubectl.FeedAsync("""{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"}}""", "apply", "-f", "-");
        Assert.NotEqual(0, applied.ExitCode);
        Assert.Contains("no matches for kind \"Widget\" in version \"example.com/v1\"", applied.Error, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task What_a_pod_asks_for_in_vain_is_warned_of_or_refused(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        static string Pod(string name, string more) =>
            $$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}"},"spec":{ {{more}},"containers":[{"name":"a","image":"b"}]} }""";
        var warned = await kubectl.FeedAsync(Pod("warned", "\"resources\":{\"limits\":{\"cpu\":\"1\"}}"), "apply", "-f", "-");
        Assert.Contains("Warning: spec.resources: only requests and limits of containers count", warned.Error, StringComparison.Ordinal);
        Assert.Equal("pod/warned created\n", warned.Succeeded());
        var refused = await kubectl.FeedAsync(Pod("refused", "\"hostUsers\":false"), "apply", "-f", "-");
        Assert.Contains("spec.hostUsers: Forbidden: user namespaces are not supported yet", refused.Error, StringComparison.Ordinal);
    }
}
