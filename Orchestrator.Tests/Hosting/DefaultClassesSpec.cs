using System.Net;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Hosting;

/// <summary>The classes that a cluster is given once: what somebody does with them stays so.</summary>
public sealed class DefaultClassesSpec
{
    [Theory]
    [InlineData("/apis/networking.k8s.io/v1/ingressclasses/orchestrator", "ingressclass.kubernetes.io/is-default-class")]
    [InlineData("/apis/storage.k8s.io/v1/storageclasses/local", "storageclass.kubernetes.io/is-default-class")]
    public async Task One_that_somebody_changed_or_deleted_stays_so_when_the_host_starts_again(string path, string isDefault)
    {
        await using var node = await NodeProcess.StartAsync();
        Assert.Equal("true", (string?)(await node.AskAsync(HttpMethod.Get, path))["metadata"]!["annotations"]![isDefault]);
        await node.AskAsync(HttpMethod.Patch, path, $$"""{ "metadata": { "annotations": { "{{isDefault}}": "false" } } }""", "application/merge-patch+json");
        await node.RestartAsync();
        Assert.Equal("false", (string?)(await node.AskAsync(HttpMethod.Get, path))["metadata"]!["annotations"]![isDefault]);
        await node.AskAsync(HttpMethod.Delete, path);
        await node.RestartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<HttpRequestException>(() => node.AskAsync(HttpMethod.Get, path))).StatusCode);
    }
}
