using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>A node whose pods have the network of CNI plugins of Debian's package.</summary>
public sealed class CniPodsSpec
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly int _id = FreePort.Next() % 250;

    private string Bridge => string.Create(CultureInfo.InvariantCulture, $"spec-pods{_id}");

    private IPNetwork Own => IPNetwork.Parse(string.Create(CultureInfo.InvariantCulture, $"10.60.{_id}.0/26"));

    // On a bridge with addresses of their own or of the node, and each alone with the host.
    [RootTheory]
    [InlineData("bridge", true)]
    [InlineData("ptp", false)]
    public async Task Pods_have_their_network_when_its_configuration_appears_and_reach_services_by_name(string plugin, bool isOfNode)
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var folder = new TempFolder();
        var (settings, configurations, leases) = (folder.File("cni.conf"), folder.File("net.d"), Directory.CreateDirectory(folder.File("leases")).FullName);
        await File.WriteAllTextAsync(settings, $$"""orchestrator.pod-network { mode = cni, cni-conf = "{{configurations}}" }""");
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, Options: ["--config", settings]));
        try
        {
            JsonNode? condition = null;
            await ConditionAsync("True", $"{configurations} has no network configuration");

            // As a pod that brings the configuration.
            await CreateAsync(node, "early", "Always", $$""" "hostNetwork": true, "nodeName": "{{node.Name}}", "containers": [ {{Runs("sleep 600")}} } ] """);
            await PodIsAsync(node, "early", IsReady);
            Directory.CreateDirectory(configurations);
            await File.WriteAllTextAsync(Path.Combine(configurations, "10-spec.conflist"), $$"""
                { "cniVersion": "1.0.0", "name": "{{Bridge}}", "plugins": [
                  { "type": "{{plugin}}", "bridge": "{{Bridge}}", "isGateway": true, "ipMasq": true, "hairpinMode": true, "capabilities": { "ipRanges": {{(isOfNode ? "true" : "false")}} },
                    "ipam": { "type": "host-local", "dataDir": "{{leases}}", {{(isOfNode ? "" : $"\"ranges\": [ [ {{ \"subnet\": \"{Own}\" }} ] ], ")}} "routes": [ { "dst": "0.0.0.0/0" } ] } },
                  { "type": "firewall" }, { "type": "portmap", "capabilities": { "portMappings": true } } ] }
                """);
            await ConditionAsync("False", "ready");

            var port = FreePort.Next();
            await node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", """{ "metadata": { "name": "shop" }, "spec": { "selector": { "app": "shop" }, "ports": [ { "port": 80, "targetPort": 8080 } ] } }""");
            await node.AskAsync(HttpMethod.Post, Pods, $$"""
                { "metadata": { "name": "shop-1", "labels": { "app": "shop" } }, "spec": { "terminationGracePeriodSeconds": 0,
                  "containers": [ {{Runs("mkdir -p /w && echo open > /w/index.html && exec httpd -f -p 8080 -h /w")}}, "ports": [ { "containerPort": 8080, "hostPort": {{port}} } ], "readinessProbe": { "httpGet": { "path": "/", "port": 8080 }, "periodSeconds": 1 } } ] } }
                """);
            await CreateAsync(node, "client", "Always", $$""" "containers": [ {{Runs("sleep 600")}} } ] """);
            var (shop, client) = (await PodIsAsync(node, "shop-1", IsReady), await PodIsAsync(node, "client", IsReady));
            var address = (string)shop["status"]!["podIP"]!;
            var range = isOfNode ? IPNetwork.Parse((string)(await node.AskAsync(HttpMethod.Get, $"/api/v1/nodes/{node.Name}"))["spec"]!["podCIDR"]!) : Own;
            Assert.True(range.Contains(IPAddress.Parse(address)), address);
            foreach (var target in new[] { $"{address}:8080", "shop", "shop.default.svc.cluster.local" })
            {
                await AnswersAsync(client, target);
            }

            // A pod reaches itself by its service, and others by its port of the host.
            await AnswersAsync(shop, "shop");
            using var http = new HttpClient();
            Assert.Equal("open\n", await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/")));

            await node.KillAsync();
            await node.RestartAsync();
            await node.AskAsync(HttpMethod.Delete, $"{Pods}/client?gracePeriodSeconds=0");
            await Poll.UntilAsync(() => Task.FromResult(Leases().SequenceEqual([address])), Bound, () => $"the address of the client is free: {string.Join(' ', Leases())}; {node.Output}");
            var after = await PodIsAsync(node, "shop-1", IsReady);
            Assert.Equal((address, 0), ((string)after["status"]!["podIP"]!, Restarts(after)));

            // A policy that nobody may enforce keeps a pod from beginning.
            await node.AskAsync(HttpMethod.Post, "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies", """{ "metadata": { "name": "jail" }, "spec": { "podSelector": { "matchLabels": { "app": "thief" } } } }""");
            await node.AskAsync(HttpMethod.Post, Pods, $$"""{ "metadata": { "name": "thief", "labels": { "app": "thief" } }, "spec": { "containers": [ {{Runs("sleep 600")}} } ] } }""");
            await Poll.UntilAsync(async () => (await node.ReadAsync("/api/v1/namespaces/default/events")).Contains("its node enforces none", StringComparison.Ordinal), Bound, () => "the event says that the policy has no effect");

            await node.KillAsync();
            (await Command.RunAsync(Path.Combine(AppContext.BaseDirectory, "orchestrator-node"), ["--data-dir", node.DataDir, "--config", settings, "--remove-network"], Bound)).Succeeded();
            Assert.Empty(Leases());

            Task ConditionAsync(string status, string message) => Poll.UntilAsync(async () =>
            {
                var conditions = (await node.AskAsync(HttpMethod.Get, $"/api/v1/nodes/{node.Name}"))["status"]?["conditions"]?.AsArray() ?? [];
                condition = conditions.FirstOrDefault(c => (string?)c!["type"] == "NetworkUnavailable");
                return (string?)condition?["status"] == status && ((string?)condition["message"])!.Contains(message, StringComparison.Ordinal);
            }, Bound, () => $"NetworkUnavailable is {status}, {message}, and not {condition?.ToJsonString()}; {node.Output}");

            IEnumerable<string> Leases() => Directory.EnumerateFiles(leases, "10.*", SearchOption.AllDirectories).Select(Path.GetFileName).OfType<string>();
        }
        finally
        {
            await Command.RunAsync("ip", ["link", "del", Bridge], Bound);
        }
    }

    private static Task AnswersAsync(JsonNode pod, string target)
    {
        var id = ((string)pod["status"]!["containerStatuses"]![0]!["containerID"]!)["docker://".Length..];
        CommandResult? last = null;
        return Poll.UntilAsync(async () => (last = await Command.RunAsync("docker", ["exec", id, "timeout", "5", "wget", "-O-", $"http://{target}/"], Bound)).Output == "open\n", Bound, () => $"{target} answers: {last}");
    }
}
