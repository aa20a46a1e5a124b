using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Conformance;

/// <summary>Pods find and leave their controllers by their labels.</summary>
[Collection(KubectlCollection.Name)]
public sealed class AdoptionSpec(KubectlCluster cluster)
{
    [Theory]
    [InlineData("replicasets", ApiSpace.Selector)]
    [InlineData("replicationcontrollers", """{"app":"web"}""")]
    [Conformance("ReplicaSet should adopt matching pods on creation and release no longer matching pods")]
    [Conformance("ReplicationController should adopt matching pods on creation")]
    [Conformance("ReplicationController should release no longer matching pods")]
    public async Task A_pod_that_matches_is_adopted_and_one_that_does_not_any_more_is_released(string resource, string selector)
    {
        var space = await ApiSpace.CreateAsync(cluster);
        await space.PostAsync("pods", "orphan", """{"containers":[{"name":"main","image":"orchestrator/sample:1"}]}""", """{"app":"web"}""");
        await space.PostAsync(resource, "web", $$"""{"replicas":1,"selector":{{selector}},"template":{{ApiSpace.Template}} }""");
        await space.Kubectl.WaitForAsync("get pod orphan -o jsonpath={.metadata.ownerReferences[0].name}", t => t == "web");
        await space.Kubectl.WaitForAsync($"get {resource} web -o jsonpath={{.status.replicas}}", t => t == "1");
        Assert.Equal(["orphan"], await space.NamesAsync("pods"));

        await space.PatchAsync(space.Path("pods", "orphan"), """{"metadata":{"labels":{"app":"free"}}}""");
        await space.Kubectl.WaitForAsync("get pod orphan -o jsonpath={.metadata.ownerReferences}", t => t.Length == 0);
        await space.Kubectl.WaitForAsync("get pods -l app=web -o name", t => Columns.Lines(t).Length == 1);
    }
}
