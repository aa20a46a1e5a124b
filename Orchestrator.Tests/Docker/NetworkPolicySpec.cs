using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>NetworkPolicies between real pods. Which packets a policy means is in <c>Policies/policies.yaml</c>.</summary>
[Collection(DockerHost.Name)]
public sealed class NetworkPolicySpec(DockerHost host)
{
    private const string Policies = "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [RootFact]
    public async Task The_first_packet_of_a_pod_meets_the_policies_that_were_there_before_it()
    {
        await host.Node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", """{ "metadata": { "name": "vault" }, "spec": { "selector": { "app": "vault" }, "ports": [ { "port": 80, "targetPort": 8080 } ] } }""");
        await host.Node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", $$"""
            { "metadata": { "name": "vault", "labels": { "app": "vault" } }, "spec": { "terminationGracePeriodSeconds": 0,
              "containers": [ {{Runs("mkdir -p /w && echo gold > /w/index.html && exec httpd -f -p 8080 -h /w")}}, "readinessProbe": { "httpGet": { "path": "/", "port": 8080 }, "periodSeconds": 1 } } ] } }
            """);
        await PodIsAsync(host.Node, "vault", IsReady);
        await host.Node.AskAsync(HttpMethod.Post, Policies, """{ "metadata": { "name": "jail" }, "spec": { "podSelector": { "matchLabels": { "app": "thief" } }, "policyTypes": [ "Egress" ] } }""");
        await host.Node.AskAsync(HttpMethod.Post, Policies, """
            { "metadata": { "name": "vault" }, "spec": { "podSelector": { "matchLabels": { "app": "vault" } }, "ingress": [ { "from": [ { "podSelector": { "matchLabels": { "may": "enter" } } } ] } ] } }
            """);

        // What it runs first is its try, and it says what came of it by the code with which it ends.
        var address = (string)(await PodAsync(host.Node, "vault"))["status"]!["podIP"]!;
        var service = (string)(await host.Node.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/services/vault"))["spec"]!["clusterIP"]!;
        await Task.WhenAll(
            TriesAsync("thief-1", """ "app": "thief", "may": "enter" """, $"{address}:8080", expected: 1),
            TriesAsync("thief-2", """ "app": "thief", "may": "enter" """, service, expected: 1),
            TriesAsync("stranger", """ "app": "guest" """, service, expected: 1),
            TriesAsync("guest-1", """ "may": "enter" """, service, expected: 0),
            TriesAsync("guest-2", """ "may": "enter" """, $"{address}:8080", expected: 0));

        // What the node says of it.
        var node = (string)(await PodAsync(host.Node, "vault"))["spec"]!["nodeName"]!;
        var stranger = (string)(await PodAsync(host.Node, "stranger"))["status"]!["podIP"]!;
        var seen = await host.Node.AskAsync(HttpMethod.Get, $"/api/v1/nodes/{node}/proxy/network/services/default/vault");
        Assert.Equal($"{address}:8080", (string?)Assert.Single(seen["ports"]![0]!["fromPods"]!.AsArray()));
        Assert.Equal(service, (string?)seen["names"]![0]!["answer"]);
        System.Text.Json.Nodes.JsonNode verdict = seen;
        await Poll.UntilAsync(async () =>
        {
            verdict = await host.Node.AskAsync(HttpMethod.Get, $"/api/v1/nodes/{node}/proxy/network/pods/default/vault?from={stranger}&protocol=TCP&port=8080");
            return (bool)verdict["isInForce"]!;
        }, Bound, () => $"the rules are in force, and not {verdict.ToJsonString()}");
        Assert.Equal((address, false, "vault"), ((string?)verdict["address"], (bool)verdict["connection"]!["isAllowed"]!, (string?)verdict["connection"]!["restricting"]![0]));
        var net = (await Command.RunAsync(Path.Combine(AppContext.BaseDirectory, "orc"), ["--kubeconfig", host.Node.Kubeconfig, "net", "svc/vault", "--from", "stranger"], Bound)).EndedWith(1);
        Assert.Contains($"What comes from pod stranger to pod vault ({address}:8080) is dropped: network policy vault restricts it", net.Output, StringComparison.Ordinal);
        var guest = (await Command.RunAsync(Path.Combine(AppContext.BaseDirectory, "orc"), ["--kubeconfig", host.Node.Kubeconfig, "net", "vault", "--from", "vault"], Bound)).Succeeded();
        Assert.EndsWith("Nothing speaks against a connection.\n", guest, StringComparison.Ordinal);
        await host.Node.AskAsync(HttpMethod.Delete, $"{Policies}/jail");
        await host.Node.AskAsync(HttpMethod.Delete, $"{Policies}/vault");
        await Poll.UntilAsync(async () =>
        {
            await TriesAsync($"stranger-{Guid.NewGuid():N}"[..16], """ "app": "guest" """, service, expected: null);
            return _last == 0;
        }, Bound, () => "without policies anybody gets in");
        await host.Node.AskAsync(HttpMethod.Delete, "/api/v1/namespaces/default/services/vault");
    }

    private int _last;

    // A guest is let in once its address is known at the vault, which is after its first packet: it has some seconds. A thief has them, too.
    private async Task TriesAsync(string name, string labels, string target, int? expected)
    {
        await host.Node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", $$"""
            { "metadata": { "name": "{{name}}", "labels": { {{labels}} } }, "spec": { "restartPolicy": "Never",
              "containers": [ {{Runs($"for i in 1 2 3; do timeout 2 wget -qO- http://{target}/ && exit 0; done; exit 1")}} } ] } }
            """);
        var ended = await PodIsAsync(host.Node, name, p => (string?)p["status"]?["phase"] is "Succeeded" or "Failed");
        _last = (int)ended["status"]!["containerStatuses"]![0]!["state"]!["terminated"]!["exitCode"]!;
        if (expected is not null)
        {
            Assert.Equal((name, expected), (name, (int?)_last));
        }
    }
}
