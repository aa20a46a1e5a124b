using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class LogsSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task What_a_container_said_can_be_read(string version)
    {
        var kubectl = await cluster.PodAsync(version, "talker", "echo one; echo two; echo three; sleep 3600");
        await kubectl.WaitForAsync("logs talker", t => t == "one\ntwo\nthree\n");
        Assert.Equal("three\n", await kubectl.SucceedAsync("logs talker --tail=1"));
        Assert.Equal("", await kubectl.SucceedAsync("logs talker --tail=0"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z three\n$", await kubectl.SucceedAsync("logs talker --timestamps --tail=1"));
        Assert.Equal("one\ntwo\nthree\n", await kubectl.SucceedAsync("logs talker -c main --since=1h"));
        Assert.Equal("one\n", (await kubectl.SucceedAsync("logs -l app=talker --tail=-1"))[..4]);
        Assert.Contains("container nobody is not valid for pod talker", await kubectl.FailAsync("logs talker -c nobody"), StringComparison.Ordinal);
        Assert.Contains("previous terminated container \"main\" in pod \"talker\" not found", await kubectl.FailAsync("logs talker --previous"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Following_ends_with_the_container(string version)
    {
        var kubectl = await cluster.PodAsync(version, "short", "echo begin; sleep 1; exit 0", "Never");
        Assert.Equal("begin\n", await kubectl.SucceedAsync("logs -f short"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task What_the_container_before_said_is_kept(string version)
    {
        var kubectl = await cluster.PodAsync(version, "again", "echo dying; sleep 1; exit 3");
        await kubectl.WaitForAsync("get pod again -o jsonpath={.status.containerStatuses[0].restartCount}", t => t is not ("" or "0"));
        Assert.Equal("dying\n", await kubectl.SucceedAsync("logs again --previous"));
        Assert.Equal("3", await kubectl.SucceedAsync("get pod again -o jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}"));
    }
}
