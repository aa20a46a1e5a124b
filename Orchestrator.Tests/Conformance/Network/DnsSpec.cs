using ARSoft.Tools.Net.Dns;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>The names of services and pods, asked for by pods.</summary>
[Collection(NetworkHost.Name)]
public sealed class DnsSpec(NetworkHost host)
{
    private const string Zone = "default.svc.cluster.local";

    [RootFact]
    [Conformance("DNS should provide DNS for the cluster")]
    public async Task The_cluster_has_names()
    {
        var resolver = await ResolverAsync(NetworkHost.Client);
        var address = (string)(await host.GetAsync("services", "kubernetes"))["spec"]!["clusterIP"]!;
        await resolver.ResolvesAsync("kubernetes.default.svc.cluster.local.", RecordType.A, address);
        await resolver.ResolvesAsync("_https._tcp.kubernetes.default.svc.cluster.local.", RecordType.Srv, $"443 kubernetes.{Zone}.");
    }

    [RootFact]
    [Conformance("DNS should provide DNS for services")]
    [Conformance("DNS should resolve DNS of partial qualified names for services")]
    public async Task Services_have_names_that_may_be_short_with_and_without_an_address()
    {
        const string Ports = """ "selector": { "app": "web" }, "ports": [ { "name": "http", "port": 80, "targetPort": 8080 } ] """;
        await host.ServiceAsync("named-headless", $$"""{ "clusterIP": "None", {{Ports}} }""");
        var address = (string)(await host.ServiceAsync("named-plain", $$"""{ {{Ports}} }"""))["spec"]!["clusterIP"]!;
        string[] pods = [await host.AddressAsync("web-1"), await host.AddressAsync("web-2")];
        var resolver = await ResolverAsync(NetworkHost.Client);
        foreach (var ending in (string[])["", ".default", ".default.svc", $".{Zone}."])
        {
            await resolver.ResolvesAsync($"named-headless{ending}", RecordType.A, pods);
            await resolver.ResolvesAsync($"named-plain{ending}", RecordType.A, address);
            if (ending != ".default")
            {
                await resolver.ResolvesAsync($"_http._tcp.named-plain{ending}", RecordType.Srv, $"80 named-plain.{Zone}.");
                await resolver.ResolvesAsync($"_http._tcp.named-headless{ending}", RecordType.Srv, [.. pods.Select(p => $"8080 {p.Replace('.', '-')}.named-headless.{Zone}.")]);
            }
        }

        await resolver.ResolvesAsync($"{string.Join('.', address.Split('.').Reverse())}.in-addr.arpa.", RecordType.Ptr, $"named-plain.{Zone}.");

        // As the resolver of a container's own library has it.
        foreach (var ending in (string[])["", ".default", ".default.svc"])
        {
            Assert.Contains(await host.AskAsync(NetworkHost.Client, $"named-headless{ending}:8080", times: 1), NetworkHost.Web);
            await host.AnswersAsync(NetworkHost.Client, $"named-plain{ending}", "web-1 web-2");
        }
    }

    [RootFact]
    [Conformance("DNS should provide /etc/hosts entries for the cluster")]
    [Conformance("DNS should provide DNS for pods for Hostname")]
    [Conformance("DNS should provide DNS for pods for Subdomain")]
    public async Task Pods_have_names_below_the_service_of_their_subdomain()
    {
        await host.ServiceAsync("sub", """{ "clusterIP": "None", "selector": { "app": "sub" }, "ports": [ { "name": "http", "port": 8080 } ] }""");
        await host.WebAsync("with-name", "sub", """ "hostname": "first", "subdomain": "sub", """);
        var address = await host.AddressAsync("with-name");
        var resolver = await ResolverAsync(NetworkHost.Client);
        await resolver.ResolvesAsync($"first.sub.{Zone}.", RecordType.A, address);
        await resolver.ResolvesAsync("first.sub", RecordType.A, address);
        await resolver.ResolvesAsync($"sub.{Zone}.", RecordType.A, address);
        await host.AnswersAsync(NetworkHost.Client, "first.sub:8080", "first");

        Assert.Equal("first\n", await host.RunAsync("with-name", "hostname"));
        Assert.Equal($"first.sub.{Zone}\n", await host.RunAsync("with-name", "hostname -f"));
        Assert.Equal($"{address}\tfirst.sub.{Zone}\tfirst\n", await host.RunAsync("with-name", $"grep -w first /etc/hosts"));
        await host.AnswersAsync("with-name", $"first.sub.{Zone}:8080", "first", times: 1);
        await host.AnswersAsync("with-name", "first:8080", "first", times: 1);
        await host.DeleteAsync("pods", "with-name");
    }

    [RootFact]
    [Conformance("DNS should provide DNS for ExternalName services")]
    public async Task An_alias_leads_to_another_name_until_it_has_an_address()
    {
        await host.ServiceAsync("alias", """{ "type": "ExternalName", "externalName": "foo.example.com" }""");
        var resolver = await ResolverAsync(NetworkHost.Client);
        await resolver.ResolvesAsync($"alias.{Zone}.", RecordType.CName, "foo.example.com.");
        await host.PatchAsync("alias", """{ "externalName": "bar.example.com" }""");
        await resolver.ResolvesAsync($"alias.{Zone}.", RecordType.CName, "bar.example.com.");
        var service = await host.PatchAsync("alias", """{ "type": "ClusterIP", "externalName": null, "ports": [ { "port": 80, "protocol": "TCP", "targetPort": 80 } ] }""");
        await resolver.ResolvesAsync($"alias.{Zone}.", RecordType.A, (string)service["spec"]!["clusterIP"]!);
    }

    [RootFact]
    [Conformance("DNS should support configurable pod DNS nameservers")]
    public async Task A_pod_may_have_servers_of_its_own()
    {
        await CreateAsync(host.Node, "own-servers", "Always", $$"""
            "dnsPolicy": "None", "dnsConfig": { "nameservers": [ "1.1.1.1" ], "searches": [ "resolv.conf.local" ] }, "containers": [ {{Runs("exec sleep 3600")}} } ]
            """);
        Assert.Equal("nameserver 1.1.1.1\nsearch resolv.conf.local\n", await host.RunAsync("own-servers", "grep -e ^nameserver -e ^search /etc/resolv.conf | sort"));
        await host.DeleteAsync("pods", "own-servers");
    }

    private async Task<PodResolver> ResolverAsync(string pod) => new(await host.SpaceAsync(pod), await host.RunAsync(pod, "cat /etc/resolv.conf"));
}
