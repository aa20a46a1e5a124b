using Orchestrator.Tests.Conformance;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>Services of real pods, as those who use them meet them.</summary>
[Collection(DockerHost.Name)]
public sealed class ServiceTrafficSpec(DockerHost host)
{
    private const string Services = "/api/v1/namespaces/default/services";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [RootFact]
    [Conformance("Pods should contain environment variables for services")]
    public async Task Pods_find_a_service_by_their_environment_and_reach_what_is_ready_of_it()
    {
        await host.Node.AskAsync(HttpMethod.Post, Services, """
            { "metadata": { "name": "shop-api" }, "spec": { "type": "NodePort", "selector": { "app": "shop-api" }, "ports": [ { "name": "http", "port": 80, "targetPort": 8080 } ] } }
            """);
        foreach (var name in new[] { "one", "two" })
        {
            await host.Node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", $$"""
                { "metadata": { "name": "shop-{{name}}", "labels": { "app": "shop-api" } }, "spec": { "terminationGracePeriodSeconds": 0,
                  "containers": [ {{Runs($"mkdir -p /w && echo {name} > /w/index.html && exec httpd -f -p 8080 -h /w")}}, "readinessProbe": { "httpGet": { "path": "/", "port": 8080 }, "periodSeconds": 1 } } ] } }
                """);
        }

        await Task.WhenAll(PodIsAsync(host.Node, "shop-one", IsReady), PodIsAsync(host.Node, "shop-two", IsReady));
        await CreateAsync(host.Node, "shop-client", "Always", $$""" "containers": [ {{Runs("sleep 600")}} } ] """);
        await CreateAsync(host.Node, "shop-loner", "Always", $$""" "enableServiceLinks": false, "containers": [ {{Runs("sleep 600")}} } ] """);
        var service = await host.Node.AskAsync(HttpMethod.Get, $"{Services}/shop-api");
        var (address, nodePort) = ((string)service["spec"]!["clusterIP"]!, (int)service["spec"]!["ports"]![0]!["nodePort"]!);

        // The words of the Kubernetes documentation, for a name with a dash.
        var environment = (await RunAsync("shop-client", "env")).Split('\n');
        Assert.Equal(
            [
                $"SHOP_API_PORT=tcp://{address}:80", $"SHOP_API_PORT_80_TCP=tcp://{address}:80", $"SHOP_API_PORT_80_TCP_ADDR={address}", "SHOP_API_PORT_80_TCP_PORT=80", "SHOP_API_PORT_80_TCP_PROTO=tcp",
                $"SHOP_API_SERVICE_HOST={address}", "SHOP_API_SERVICE_PORT=80", "SHOP_API_SERVICE_PORT_HTTP=80",
            ],
            environment.Where(v => v.StartsWith("SHOP_API_", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains("KUBERNETES_SERVICE_PORT_HTTPS=443", environment);
        var alone = (await RunAsync("shop-loner", "env")).Split('\n');
        Assert.DoesNotContain(alone, v => v.StartsWith("SHOP_API_", StringComparison.Ordinal));
        Assert.Contains("KUBERNETES_SERVICE_PORT=443", alone);

        const string ask = "for i in $(seq 20); do timeout 5 wget -qO- http://$SHOP_API_SERVICE_HOST:$SHOP_API_SERVICE_PORT/ || echo failed; done | sort -u";
        var said = "";
        await Poll.UntilAsync(async () => (said = await RunAsync("shop-client", ask)) == "one\ntwo\n", Bound, () => $"both answer a pod, and not {said}");
        Assert.Equal("one\ntwo\n", await RunAsync("shop-one", ask));
        var node = (string)(await PodAsync(host.Node, "shop-client"))["status"]!["hostIP"]!;
        Assert.Equal("one\ntwo\n", await RunAsync("shop-client", ask.Replace("$SHOP_API_SERVICE_HOST:$SHOP_API_SERVICE_PORT", $"{node}:{nodePort}", StringComparison.Ordinal)));

        foreach (var name in new[] { "shop-api", "shop-api.default.svc", "shop-api.default.svc.cluster.local" })
        {
            Assert.Equal("one\ntwo\n", await RunAsync("shop-client", ask.Replace("$SHOP_API_SERVICE_HOST:$SHOP_API_SERVICE_PORT", name, StringComparison.Ordinal)));
        }

        await host.Node.AskAsync(HttpMethod.Delete, "/api/v1/namespaces/default/pods/shop-one?gracePeriodSeconds=0");
        await Poll.UntilAsync(async () => await RunAsync("shop-client", ask) == "two\n", Bound, () => "one answers when the other is gone");
        await host.Node.AskAsync(HttpMethod.Delete, "/api/v1/namespaces/default/pods/shop-two?gracePeriodSeconds=0");
        await Poll.UntilAsync(async () => (await CallAsync("shop-client", "timeout 5 wget -qO- http://$SHOP_API_SERVICE_HOST/")).Error.Contains("Connection refused", StringComparison.Ordinal), Bound,
            () => "a service without pods refuses");
        await host.Node.AskAsync(HttpMethod.Delete, $"{Services}/shop-api");
    }

    [RootFact]
    public async Task A_load_balancer_is_reached_at_its_node_and_takes_no_port_from_a_process_of_it()
    {
        using var process = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Any, 0);
        process.Start();
        var (free, taken) = (FreePort.Next(), ((System.Net.IPEndPoint)process.LocalEndpoint).Port);
        await host.Node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", $$"""
            { "metadata": { "name": "till", "labels": { "app": "till" } }, "spec": { "terminationGracePeriodSeconds": 0,
              "containers": [ {{Runs("mkdir -p /w && echo till > /w/index.html && exec httpd -f -p 8080 -h /w")}}, "readinessProbe": { "httpGet": { "path": "/", "port": 8080 }, "periodSeconds": 1 } } ] } }
            """);
        await host.Node.AskAsync(HttpMethod.Post, Services, $$"""
            { "metadata": { "name": "till" }, "spec": { "type": "LoadBalancer", "externalTrafficPolicy": "Local", "selector": { "app": "till" },
              "ports": [ { "name": "free", "port": {{free}}, "targetPort": 8080 }, { "name": "taken", "port": {{taken}}, "targetPort": 8080 } ] } }
            """);
        await PodIsAsync(host.Node, "till", IsReady);
        var (address, health) = ("", 0);
        await Poll.UntilAsync(async () =>
        {
            var service = await host.Node.AskAsync(HttpMethod.Get, $"{Services}/till");
            (address, health) = ((string?)service["status"]!["loadBalancer"]?["ingress"]?[0]?["ip"] ?? "", (int)service["spec"]!["healthCheckNodePort"]!);
            return address.Length > 0;
        }, Bound, () => "it has an address");
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        await Poll.UntilAsync(async () => await TextAsync(http, $"http://{address}:{free}/") == "till\n", Bound, () => "it answers at the address of the node");
        Assert.Contains("\"localEndpoints\":1", await TextAsync(http, $"http://{address}:{health}/"), StringComparison.Ordinal);

        // What listens there is this process, which accepts nothing here.
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(address, taken).WaitAsync(Bound);
        Assert.True(process.Pending());
        await host.Node.AskAsync(HttpMethod.Delete, $"{Services}/till");
        await host.Node.AskAsync(HttpMethod.Delete, "/api/v1/namespaces/default/pods/till?gracePeriodSeconds=0");
    }

    private static async Task<string> TextAsync(HttpClient http, string address)
    {
        try
        {
            return await http.GetStringAsync(address);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return e.Message;
        }
    }

    private async Task<string> RunAsync(string pod, string script) => (await CallAsync(pod, script)).Succeeded();

    private async Task<CommandResult> CallAsync(string pod, string script)
    {
        await PodIsAsync(host.Node, pod, IsReady);
        return await Command.RunAsync("docker", ["exec", await host.ContainerAsync(pod, "main"), "sh", "-c", script], Bound);
    }
}
