using Orchestrator.Tests.Kit;
using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Conformance;

/// <summary>Collections of workloads, across namespaces.</summary>
[Collection(KubectlCollection.Name)]
public sealed class CollectionSpec(KubectlCluster cluster)
{
    [Theory]
    [InlineData("daemonsets", """{"selector":SELECTOR,"template":TEMPLATE}""")]
    [InlineData("replicasets", """{"replicas":1,"selector":SELECTOR,"template":TEMPLATE}""")]
    [InlineData("statefulsets", """{"replicas":1,"selector":SELECTOR,"template":TEMPLATE}""")]
    [InlineData("poddisruptionbudgets", """{"minAvailable":1,"selector":SELECTOR}""")]
    [Conformance("Daemon set should list and delete a collection of DaemonSets")]
    [Conformance("ReplicaSet should list and delete a collection of ReplicaSets")]
    [Conformance("StatefulSet Basic StatefulSet functionality should list, patch and delete a collection of StatefulSets")]
    [Conformance("DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets")]
    public async Task Objects_are_listed_in_all_namespaces_patched_and_deleted_together(string resource, string spec)
    {
        spec = spec.Replace("SELECTOR", ApiSpace.Selector, StringComparison.Ordinal).Replace("TEMPLATE", ApiSpace.Template, StringComparison.Ordinal);
        var (here, there) = (await ApiSpace.CreateAsync(cluster), await ApiSpace.CreateAsync(cluster));
        var label = $"{here.Kubectl.Space}-{resource}";
        var labels = $$"""{"collected":"{{label}}"}""";
        await here.PostAsync(resource, "a", spec, labels);
        await there.PostAsync(resource, "b", spec, labels);
        await here.PostAsync(resource, "other", spec);

        var everywhere = $"{here.Path(resource).Replace($"/namespaces/{here.Kubectl.Space}", "", StringComparison.Ordinal)}?labelSelector=collected%3D{label}";
        Assert.Equal(["a", "b"], await NamesAsync(here, everywhere));
        var patched = await here.PatchAsync(here.Path(resource, "a"), """{"metadata":{"labels":{"patched":"yes"}}}""");
        Assert.Equal("yes", (string?)patched["metadata"]!["labels"]!["patched"]);
        Assert.Equal(["a"], await NamesAsync(here, everywhere + ",patched%3Dyes"));

        await here.DeleteAsync($"{here.Path(resource)}?labelSelector=collected%3D{label}");
        await Poll.UntilAsync(async () => (await NamesAsync(here, everywhere)) is ["b"], TimeSpan.FromSeconds(30), () => $"{resource} of one namespace are gone");
        Assert.Equal(["other"], await here.NamesAsync(resource));
        await there.DeleteAsync(there.Path(resource));
        await Poll.UntilAsync(async () => (await NamesAsync(here, everywhere)).Length == 0, TimeSpan.FromSeconds(30), () => $"{resource} are gone");
        await here.DeleteAsync(here.Path(resource));
    }

    private static async Task<string[]> NamesAsync(ApiSpace space, string path) =>
        [.. (await space.GetAsync(path))["items"]!.AsArray().Select(o => (string)o!["metadata"]!["name"]!).Order(StringComparer.Ordinal)];
}
