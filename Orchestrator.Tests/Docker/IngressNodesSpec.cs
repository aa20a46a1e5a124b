using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>An Ingress of a control host and a worker, each with a network of its own and the usual ports.</summary>
public sealed class IngressNodesSpec
{
    private const string Ingresses = "/apis/networking.k8s.io/v1/namespaces/default/ingresses";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    [RootFact]
    public async Task Every_node_leads_to_pods_wherever_they_run_and_one_that_is_lost_is_no_address()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var hosts = await NetworkHosts.CreateAsync(2);
        await using var control = await NodeProcess.StartAsync(new NodeSettings("docker", 0, Host: hosts.All[0], Ingress: (80, 443)));
        await using var worker = await NodeProcess.StartAsync(new NodeSettings("docker", 0, Seed: control, Host: hosts.All[1], Ingress: (80, 443)));
        await control.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", """
            { "metadata": { "name": "far" }, "spec": { "selector": { "app": "far" }, "ports": [ { "port": 80, "targetPort": 8080 } ] } }
            """);
        await control.AskAsync(HttpMethod.Post, Ingresses, """
            { "metadata": { "name": "far" }, "spec": { "rules": [ { "host": "far.example.com", "http": { "paths": [ { "path": "/", "pathType": "Prefix", "backend": { "service": { "name": "far", "port": { "number": 80 } } } } ] } } ] } }
            """);
        foreach (var (node, name) in new[] { (control, "here"), (worker, "there") })
        {
            await control.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", $$"""
                { "metadata": { "name": "{{name}}", "labels": { "app": "far" } }, "spec": { "nodeName": "{{node.Name}}", "terminationGracePeriodSeconds": 0,
                  "containers": [ {{Runs($"mkdir -p /w && echo {name} > /w/index.html && exec httpd -f -p 8080 -h /w")}}, "readinessProbe": { "httpGet": { "path": "/", "port": 8080 }, "periodSeconds": 1 } } ] } }
                """);
        }

        await Task.WhenAll(PodIsAsync(control, "here", IsReady), PodIsAsync(control, "there", IsReady));
        foreach (var host in hosts.All)
        {
            await AnsweredAsync(host, "here there");
        }

        await AddressedAsync(control, [.. hosts.All.Select(h => $"{h.Address}")]);

        // Without a control host a node goes on serving.
        await control.KillAsync();
        await AnsweredAsync(hosts.All[1], "here there");
        await control.RestartAsync();
        await AddressedAsync(control, [.. hosts.All.Select(h => $"{h.Address}")]);
        await worker.KillAsync();
        await AddressedAsync(control, $"{hosts.All[0].Address}");
        await AnsweredAsync(hosts.All[0], "here");
    }

    private static Task AddressedAsync(NodeProcess control, params string[] expected)
    {
        IEnumerable<string> last = [];
        return Poll.UntilAsync(async () => (last = ((await control.AskAsync(HttpMethod.Get, $"{Ingresses}/far"))["status"]?["loadBalancer"]?["ingress"] as JsonArray ?? []).Select(i => (string)i!["ip"]!)).Order().SequenceEqual(expected.Order()),
            Bound, () => $"it is served at {string.Join(' ', expected)}, and not at {string.Join(' ', last)}");
    }

    // Who answers twenty requests at a host, each once.
    private static async Task AnsweredAsync(NetworkHost host, string expected)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        client.DefaultRequestHeaders.Host = "far.example.com";
        var said = "";
        await Poll.UntilAsync(async () =>
        {
            try
            {
                var pages = new HashSet<string>();
                for (var i = 0; i < 20; i++)
                {
                    using var response = await client.GetAsync(new Uri($"http://{host.Address}/"));
                    pages.Add((await response.Content.ReadAsStringAsync()).Trim());
                }

                return (said = string.Join(' ', pages.Order(StringComparer.Ordinal))) == expected;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                said = e.Message; // It does not listen yet.
                return false;
            }
        }, Bound, () => $"{host.Address} is answered by {expected}, and not by {said}");
    }
}
