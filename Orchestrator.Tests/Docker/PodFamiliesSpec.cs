using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>Real pods of a cluster with addresses of both families, and of one with IPv6 alone: what they see of themselves, and how they find each other.</summary>
public sealed class PodFamiliesSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [RootTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pods_know_their_addresses_and_reach_each_other_by_name_and_by_ports_of_the_host(bool isDual)
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0) { Families = isDual ? PodFamilies.Both : PodFamilies.IPv6 });
        var port = FreePort.Next();
        await CreateAsync(node, "web", "Always", $$"""
            "containers": [ {{Runs("mkdir -p /w && (echo $IPS; grep -c web$ /etc/hosts) > /w/index.html && exec httpd -f -p 8080 -h /w")}}, "ports": [ { "containerPort": 8080, "hostPort": {{port}} } ],
              "env": [ { "name": "IPS", "valueFrom": { "fieldRef": { "fieldPath": "status.podIPs" } } } ], "readinessProbe": { "httpGet": { "port": 8080 }, "periodSeconds": 1 } } ]
            """);
        await node.AskAsync(HttpMethod.Patch, "/api/v1/namespaces/default/pods/web", """{ "metadata": { "labels": { "app": "web" } } }""", "application/merge-patch+json");
        await node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", """{ "metadata": { "name": "web" }, "spec": { "ipFamilyPolicy": "PreferDualStack", "selector": { "app": "web" }, "ports": [ { "port": 80, "targetPort": 8080 } ] } }""");
        await CreateAsync(node, "client", "Always", $$""" "containers": [ {{Runs("exec sleep 600")}} } ] """);
        var web = await PodIsAsync(node, "web", IsReady);
        string[] ips = [.. web["status"]!["podIPs"]!.AsArray().Select(ip => (string)ip!["ip"]!)];
        Assert.Equal(isDual ? ["IPv4", "IPv6"] : ["IPv6"], ips.Select(FamilyOf));
        Assert.Equal(ips[0], (string?)web["status"]!["podIP"]);
        string[] clusterIPs = [.. (await node.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/services/web"))["spec"]!["clusterIPs"]!.AsArray().Select(a => (string)a!)];
        Assert.Equal(ips.Select(FamilyOf), clusterIPs.Select(FamilyOf));

        var client = await PodIsAsync(node, "client", IsReady);
        var page = $"{string.Join(',', ips)} {ips.Length}";
        foreach (var host in ips.Select(a => $"{InUrl(a)}:8080").Concat(clusterIPs.Select(InUrl)).Append("web").Append("web.default.svc.cluster.local"))
        {
            await Poll.UntilAsync(async () => await FetchAsync(client, host) == page, Bound, () => $"http://{host}/ shows {page}; the node said: {node.Output}");
        }

        // From the pod itself through its service, and at the port of the host, which is reached at each of its addresses: here at those on the pods' interfaces.
        await Poll.UntilAsync(async () => await FetchAsync(web, InUrl(clusterIPs[^1])) == page, Bound, () => "a pod reaches itself through its service");
        foreach (var gateway in ips.Select(a => Orchestrator.Node.Network.PodRoom.Of($"{a}/{(FamilyOf(a) == "IPv4" ? 24 : 64)}")).Select(r => r.First.Gateway.ToString()))
        {
            await Poll.UntilAsync(async () => await FetchAsync(client, $"{InUrl(gateway)}:{port}") == page, Bound, () => $"the port of the host leads to the pod at {gateway}");
        }
    }

    private static string FamilyOf(string address) => address.Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4";

    private static string InUrl(string address) => FamilyOf(address) == "IPv6" ? $"[{address}]" : address;

    private static async Task<string> FetchAsync(JsonNode from, string host)
    {
        var id = ((string)from["status"]!["containerStatuses"]![0]!["containerID"]!)["docker://".Length..];
        return string.Join(' ', (await Command.RunAsync("docker", ["exec", id, "timeout", "2", "wget", "-qO-", $"http://{host}/"], Bound)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
