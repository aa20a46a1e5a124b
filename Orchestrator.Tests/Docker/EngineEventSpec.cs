using Orchestrator.Node.Docker;

namespace Orchestrator.Tests.Docker;

public sealed class EngineEventSpec
{
    [Theory]
    [InlineData("""{"Type":"container","Action":"die","Actor":{"ID":"c1","Attributes":{"io.kubernetes.pod.uid":"u","exitCode":"1"}},"time":1}""", "u", "c1", "die")]
    [InlineData("""{"Type":"container","Action":"die","Actor":{"ID":"c1","Attributes":{"name":"of somebody else"}}}""", null, null, null)]
    [InlineData("""{"Type":"contain""", null, null, null)]
    public void A_line_is_about_a_container_of_a_pod_or_about_nothing(string line, string? uid, string? id, string? action)
    {
        var told = EngineEvent.Parse(line);
        Assert.Equal((uid, id, action), (told?.PodUid, told?.Id, told?.Action));
    }
}
