using Orchestrator.Node.ApiServer.Discovery;

namespace Orchestrator.Tests.ApiServer.Discovery;

public sealed class UnservedKindsSpec
{
    private const string Served = "it serves configmaps, deployments.apps, events, namespaces, nodes, pods, replicasets.apps, secrets, serviceaccounts, services";

    [Theory]
    [InlineData("/apis/apps/v1/namespaces/default/statefulsets", "this server does not serve statefulsets.apps; " + Served)]
    [InlineData("/apis/apps/v1/statefulsets", "this server does not serve statefulsets.apps; " + Served)]
    [InlineData("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "this server serves no custom kinds; " + Served)]
    [InlineData("/api/v1/persistentvolumes/a", "this server does not serve persistentvolumes; " + Served)]
    [InlineData("/apis/batch/v1", "this server does not serve batch/v1; " + Served)]
    [InlineData("/apis/batch", "this server does not serve the API group batch; " + Served)]
    [InlineData("/apis/apps/v1beta1/namespaces/default/deployments/a", "this server serves deployments.apps in apps/v1, not in apps/v1beta1")]
    [InlineData("/api/v1/namespaces/default/configmaps/a/status", "there is nothing at this path below configmaps")]
    [InlineData("/nowhere", "the server could not find the requested resource")]
    public void The_sentence_says_what_is_served_instead(string route, string sentence) => Assert.Equal(sentence, UnservedKinds.Sentence(route));
}
