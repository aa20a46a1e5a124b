using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>Services change their type, from each to each: what they keep, are given and give back, and where packets lead before and after.</summary>
[Collection(NetworkHost.Name)]
public sealed class ServiceTypesSpec(NetworkHost host)
{
    private const string All = "web-1 web-2";
    private const string Alias = "aliased.default.svc.cluster.local";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    // What a patch says for each type.
    private static readonly Dictionary<string, string> Forms = new()
    {
        ["ClusterIP"] = """{ "type": "ClusterIP", "externalName": null }""",
        ["NodePort"] = """{ "type": "NodePort", "externalName": null }""",
        ["LoadBalancer"] = """{ "type": "LoadBalancer", "externalName": null }""",
        ["ExternalName"] = $$"""{ "type": "ExternalName", "externalName": "{{Alias}}" }""",
        ["headless"] = """{ "type": "ClusterIP", "clusterIP": "None", "externalName": null }""",
    };

    [RootTheory]
    [InlineData("ClusterIP", "NodePort", "kept", "given")]
    [InlineData("ClusterIP", "LoadBalancer", "kept", "given")]
    [InlineData("ClusterIP", "ExternalName", "given back", "none")]
    [InlineData("NodePort", "ClusterIP", "kept", "given back")]
    [InlineData("NodePort", "LoadBalancer", "kept", "kept")]
    [InlineData("NodePort", "ExternalName", "given back", "given back")]
    [InlineData("LoadBalancer", "ClusterIP", "kept", "given back")]
    [InlineData("LoadBalancer", "NodePort", "kept", "kept")]
    [InlineData("LoadBalancer", "ExternalName", "given back", "given back")]
    [InlineData("ExternalName", "ClusterIP", "given", "none")]
    [InlineData("ExternalName", "NodePort", "given", "given")]
    [InlineData("ExternalName", "LoadBalancer", "given", "given")]
    [InlineData("ExternalName", "headless", "none", "none")]
    [InlineData("headless", "ExternalName", "none", "none")]
    [Conformance("Services should be able to change the type from ClusterIP to ExternalName")]
    [Conformance("Services should be able to change the type from ExternalName to ClusterIP")]
    [Conformance("Services should be able to change the type from ExternalName to NodePort")]
    [Conformance("Services should be able to change the type from NodePort to ExternalName")]
    public async Task A_type_changes(string from, string to, string address, string nodePort)
    {
        var name = $"from-{from}-to-{to}".ToLowerInvariant();
        var before = Given.Of(await CreateAsync(name, from));
        await LeadsAsync(name, from, before);
        var after = Given.Of(await host.PatchAsync(name, Forms[to]));
        Assert.Equal((address, nodePort), (Change(before.Address, after.Address), Change(before.NodePort, after.NodePort)));
        await LeadsAsync(name, to, after);
        if ((before.Address == after.Address ? "" : before.Address, before.NodePort == after.NodePort ? "" : before.NodePort) is var (freeAddress, freePort) && (freeAddress.Length > 0 || freePort.Length > 0))
        {
            await InheritAsync(name, freeAddress, freePort);
        }

        await host.DeleteAsync("services", name);
    }

    [RootTheory]
    [InlineData("ClusterIP", "headless", "spec.clusterIPs[0]", "may not change once set")]
    [InlineData("NodePort", "headless", "spec.clusterIPs[0]", "may not change once set")]
    [InlineData("LoadBalancer", "headless", "spec.clusterIPs[0]", "may not change once set")]
    [InlineData("headless", "NodePort", "spec.clusterIPs[0]", "may not be set to 'None' for NodePort services")]
    [InlineData("headless", "LoadBalancer", "spec.clusterIPs[0]", "may not be set to 'None' for LoadBalancer services")]
    public async Task A_service_without_an_address_stays_so_and_one_with_an_address_keeps_it(string from, string to, string field, string why)
    {
        var name = $"stays-{from}-not-{to}".ToLowerInvariant();
        var before = Given.Of(await CreateAsync(name, from));
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => host.PatchAsync(name, Forms[to]));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains($"{field}: Invalid value", refused.Message, StringComparison.Ordinal);
        Assert.Contains(JsonValue.Create(why).ToJsonString().Trim('"'), refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Given.Of(await host.GetAsync("services", name)));
        await LeadsAsync(name, from, before);
        await host.DeleteAsync("services", name);
    }

    [RootFact]
    public async Task One_that_does_not_say_what_it_becomes_stays_headless()
    {
        await CreateAsync("headless-still", "headless");
        Assert.Equal("None", Given.Of(await host.PatchAsync("headless-still", """{ "type": "ClusterIP", "clusterIP": null, "clusterIPs": null }""")).Address);
        await host.DeleteAsync("services", "headless-still");
    }

    [RootFact]
    [Conformance("Services should complete a service status lifecycle")]
    public async Task The_address_of_a_load_balancer_leads_to_the_service_as_long_as_it_has_one()
    {
        // An address of this machine, so that no packet leaves it before the rules are there.
        var at = $"{host.NodeAddress}:{FreePort.Next()}";
        await host.ServiceAsync("balanced", $$"""{ "type": "LoadBalancer", "loadBalancerClass": "example.com/internal", "selector": { "app": "web" }, "ports": [ { "port": {{at.Split(':')[1]}}, "targetPort": 8080 } ] }""");
        Assert.Equal("none", await host.AskAsync(NetworkHost.Client, at, times: 1));
        await host.Node.AskAsync(HttpMethod.Patch, NetworkHost.Path("services/balanced/status"), $$"""{ "status": { "loadBalancer": { "ingress": [ { "ip": "{{host.NodeAddress}}" } ] } } }""", ApiSpace.Merge);
        await host.AnswersAsync(NetworkHost.Client, at, All);
        await host.AnswersAsync(NetworkHost.OnNode, at, All);
        var changed = await host.PatchAsync("balanced", """{ "type": "ClusterIP", "loadBalancerClass": null }""");
        Assert.Equal("""{"loadBalancer":{}}""", changed["status"]!.ToJsonString());
        await host.AnswersAsync(NetworkHost.Client, at, "none", times: 1);
        await host.DeleteAsync("services", "balanced");
    }

    private async Task<JsonNode> CreateAsync(string name, string form)
    {
        if ((await host.Node.AskAsync(HttpMethod.Get, NetworkHost.Path("services?fieldSelector=metadata.name%3Daliased")))["items"]!.AsArray().Count == 0)
        {
            await host.ServiceAsync("aliased", """{ "selector": { "app": "web" }, "ports": [ { "port": 80, "targetPort": 8080 } ] }""");
        }

        var spec = JsonNode.Parse(Forms[form])!;
        (spec["selector"], spec["ports"]) = (new JsonObject { ["app"] = "web" }, new JsonArray(new JsonObject { ["port"] = 80, ["targetPort"] = 8080 }));
        return await host.ServiceAsync(name, spec.ToJsonString());
    }

    private async Task LeadsAsync(string name, string form, Given given)
    {
        if (form == "headless")
        {
            await Poll.UntilAsync(async () => NetworkHost.Web.Contains(await host.AskAsync(NetworkHost.Client, $"{name}:8080", times: 1)), Bound, () => $"{name} leads to a pod");
            return;
        }

        await host.AnswersAsync(NetworkHost.Client, name, All, times: 8);
        if (given.NodePort.Length > 0)
        {
            await host.AnswersAsync(NetworkHost.Client, $"{host.NodeAddress}:{given.NodePort}", All, times: 8);
        }
    }

    // What is given back goes to another service, which leads nowhere: no packet to it may come to the pods.
    private async Task InheritAsync(string name, string address, string nodePort)
    {
        var spec = new JsonObject { ["type"] = nodePort.Length > 0 ? "NodePort" : "ClusterIP", ["ports"] = new JsonArray(new JsonObject { ["port"] = 80 }) };
        if (address.Length > 0)
        {
            spec["clusterIP"] = address;
        }

        if (nodePort.Length > 0)
        {
            spec["ports"]![0]!["nodePort"] = int.Parse(nodePort, System.Globalization.CultureInfo.InvariantCulture);
        }

        await Poll.UntilAsync(async () =>
        {
            try
            {
                await host.ServiceAsync($"heir-{name}", spec.ToJsonString());
                return true;
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.UnprocessableEntity)
            {
                return false;
            }
        }, Bound, () => $"{address} and {nodePort} of {name} are given back");
        foreach (var at in new[] { address, nodePort.Length > 0 ? $"{host.NodeAddress}:{nodePort}" : "" }.Where(a => a.Length > 0))
        {
            await host.AnswersAsync(NetworkHost.Client, at, "none", times: 1);
        }

        await host.DeleteAsync("services", $"heir-{name}");
    }

    private static string Change(string before, string after) => (before is "" or "None", after is "" or "None") switch
    {
        (true, true) => "none",
        (true, false) => "given",
        (false, true) => "given back",
        _ => before == after ? "kept" : "changed",
    };

    // What a service has of its own.
    private sealed record Given(string Address, string NodePort)
    {
        public static Given Of(JsonNode service) => new((string?)service["spec"]!["clusterIP"] ?? "", service["spec"]!["ports"]?[0]?["nodePort"]?.ToString() ?? "");
    }
}
