using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Discovery;

namespace Orchestrator.Tests.ApiServer.Discovery;

public sealed class UnservedKindsSpec
{
    private const string Served = "'kubectl api-resources' lists what it serves";

    [Theory]
    [InlineData("/apis/apps/v1/namespaces/default/gamesets", "this server does not serve gamesets.apps; " + Served)]
    [InlineData("/apis/apps/v1/gamesets", "this server does not serve gamesets.apps; " + Served)]
    [InlineData("/api/v1/widgets/a", "this server does not serve widgets; " + Served)]
    [InlineData("/apis/example.com/v1", "this server does not serve example.com/v1; " + Served)]
    [InlineData("/apis/example.com", "this server does not serve the API group example.com; " + Served)]
    [InlineData("/apis/apps/v1beta1/namespaces/default/deployments/a", "this server serves deployments.apps in apps/v1, not in apps/v1beta1")]
    [InlineData("/api/v1/namespaces/default/configmaps/a/status", "there is nothing at this path below configmaps")]
    [InlineData("/nowhere", "the server could not find the requested resource")]
    public void The_sentence_says_what_is_served_instead(string route, string sentence) => Assert.Equal(sentence, UnservedKinds.Sentence(route, new ResourceRegistry()));
}
