using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>A client of a service with session affinity stays with one pod; without it, it meets all.</summary>
[Collection(NetworkHost.Name)]
public sealed class SessionAffinitySpec(NetworkHost host)
{
    private const string All = "web-1 web-2";

    [RootTheory]
    [InlineData("ClusterIP")]
    [InlineData("NodePort")]
    [Conformance("Services should have session affinity work for service with type clusterIP")]
    [Conformance("Services should have session affinity work for NodePort service")]
    [Conformance("Services should be able to switch session affinity for service with type clusterIP")]
    [Conformance("Services should be able to switch session affinity for NodePort service")]
    public async Task A_client_stays_where_it_is_while_the_service_says_so(string type)
    {
        var name = $"sticky-{type.ToLowerInvariant()}";
        var spec = (await host.ServiceAsync(name, $$"""{ "type": "{{type}}", "sessionAffinity": "ClientIP", "selector": { "app": "web" }, "ports": [ { "port": 80, "targetPort": 8080 } ] }"""))["spec"]!;
        Assert.Equal(10800, (int)spec["sessionAffinityConfig"]!["clientIP"]!["timeoutSeconds"]!);
        var address = type == "NodePort" ? $"{host.NodeAddress}:{spec["ports"]![0]!["nodePort"]}" : (string)spec["clusterIP"]!;
        await StaysAsync(address);

        await host.PatchAsync(name, """{ "sessionAffinity": "None" }""");
        await host.AnswersAsync(NetworkHost.Client, address, All);
        await host.PatchAsync(name, """{ "sessionAffinity": "ClientIP" }""");
        await StaysAsync(address);
    }

    // Twenty answers in a row, all of one pod.
    private async Task StaysAsync(string address)
    {
        var said = "";
        await Poll.UntilAsync(async () => NetworkHost.Web.Contains(said = await host.AskAsync(NetworkHost.Client, address)), TimeSpan.FromSeconds(30), () => $"one pod answers, and not {said}");
        Assert.Equal(said, await host.AskAsync(NetworkHost.Client, address));
    }
}
