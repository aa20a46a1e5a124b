using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>Ports of the node that lead to pods.</summary>
[Collection(NetworkHost.Name)]
public sealed class HostPortSpec(NetworkHost host)
{
    [RootFact]
    [Conformance("HostPort validates that there is no conflict between pods with same hostPort but different hostIP and protocol")]
    public async Task One_port_may_lead_to_a_pod_for_each_address_and_protocol()
    {
        var port = FreePort.Next();
        await PortedAsync("at-loopback", "127.0.0.1", "TCP", port);
        await PortedAsync("at-node", host.NodeAddress, "TCP", port);
        await PortedAsync("datagrams", host.NodeAddress, "UDP", port);
        using var echo = await (await host.SpaceAsync("datagrams")).EchoAsync(8080, "datagrams");
        Assert.Equal("at-loopback", await host.AskAsync(NetworkHost.OnNode, $"127.0.0.1:{port}", times: 5));
        Assert.Equal("at-node", await host.AskAsync(NetworkHost.OnNode, $"{host.NodeAddress}:{port}", times: 5));
        Assert.Equal("at-node", await host.AskAsync(NetworkHost.Client, $"{host.NodeAddress}:{port}", times: 5));
        Assert.Equal("datagrams", await PodSpace.OfNode.SayAsync(host.NodeAddress, port));
        Assert.Equal("datagrams", await (await host.SpaceAsync(NetworkHost.Client)).SayAsync(host.NodeAddress, port));
        foreach (var pod in (string[])["at-loopback", "at-node", "datagrams"])
        {
            await host.DeleteAsync("pods", pod);
        }
    }

    private Task PortedAsync(string name, string address, string protocol, int port) => host.WebAsync(name, "ported-host", ports: $$"""
        { "containerPort": 8080, "hostPort": {{port}}, "hostIP": "{{address}}", "protocol": "{{protocol}}" }
        """);
}
