using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>Pods reach pods, and so does their node.</summary>
[Collection(NetworkHost.Name)]
public sealed class NetworkingSpec(NetworkHost host)
{
    [RootTheory]
    [InlineData(NetworkHost.Client)]
    [InlineData(NetworkHost.OnNode)]
    [InlineData("web-1")]
    [Conformance("Networking Granular Checks: Pods should function for intra-pod communication: http")]
    [Conformance("Networking Granular Checks: Pods should function for node-pod communication: http")]
    public async Task Each_pod_answers_by_http(string from)
    {
        foreach (var pod in NetworkHost.Web)
        {
            Assert.Equal(pod, await host.AskAsync(from, $"{await host.AddressAsync(pod)}:8080", times: 5));
        }
    }

    [RootFact]
    [Conformance("Networking Granular Checks: Pods should function for intra-pod communication: udp")]
    [Conformance("Networking Granular Checks: Pods should function for node-pod communication: udp")]
    public async Task Each_pod_answers_datagrams()
    {
        var (first, second) = (await host.SpaceAsync("web-1"), await host.SpaceAsync("web-2"));
        using var one = await first.EchoAsync(8082, "web-1");
        using var two = await second.EchoAsync(8082, "web-2");
        foreach (var from in new[] { await host.SpaceAsync(NetworkHost.Client), first, PodSpace.OfNode })
        {
            Assert.Equal("web-1", await from.SayAsync(first.Address, 8082));
            Assert.Equal("web-2", await from.SayAsync(second.Address, 8082));
        }

        Assert.Equal("refused", await first.SayAsync(second.Address, 8083));
    }
}
