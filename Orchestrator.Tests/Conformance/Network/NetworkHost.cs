using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>A host with real containers, whose API pods can reach: two pods that tell their names at ports 8080 and 8081, one that asks, and one that asks from the network of the host.</summary>
[CollectionDefinition(Name)]
public sealed class NetworkHost : IAsyncLifetime, ICollectionFixture<NetworkHost>
{
    public const string Name = "network";

    /// <summary>The pods that answer; they have the label app=web.</summary>
    public static readonly IReadOnlyList<string> Web = ["web-1", "web-2"];

    /// <summary>A pod that asks.</summary>
    public const string Client = "client";

    /// <summary>A pod that asks in the network of its node.</summary>
    public const string OnNode = "on-node";

    private const string Space = "/api/v1/namespaces/default";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly Dictionary<string, string> _containers = [];

    internal NodeProcess Node { get; private set; } = null!;

    /// <summary>The address of the node.</summary>
    internal string NodeAddress { get; private set; } = "";

    public async Task InitializeAsync()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        Node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, IsOpen: true));
        foreach (var name in Web)
        {
            await WebAsync(name, "web");
        }

        await CreateAsync(Node, Client, "Always", $$""" "containers": [ {{Runs("exec sleep 3600")}} } ] """);
        await CreateAsync(Node, OnNode, "Always", $$""" "hostNetwork": true, "containers": [ {{Runs("exec sleep 3600")}} } ] """);
        foreach (var name in (string[])[.. Web, Client, OnNode])
        {
            await PodIsAsync(Node, name, IsReady);
        }

        NodeAddress = (string)(await PodAsync(Node, Client))["status"]!["hostIP"]!;
    }

    public async Task DisposeAsync() => await Node.DisposeAsync();

    /// <summary>Makes a pod that tells its name.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="app">Value of its label app.</param>
    /// <param name="spec">Further members of its spec, each with a comma behind it.</param>
    /// <param name="ports">The ports of its container.</param>
    internal Task WebAsync(string name, string app, string spec = "", string ports = "") => Node.AskAsync(HttpMethod.Post, $"{Space}/pods", $$"""
        { "metadata": { "name": "{{name}}", "labels": { "app": "{{app}}" } }, "spec": { "terminationGracePeriodSeconds": 0, {{spec}}
          "containers": [ {{Runs("mkdir -p /w && hostname > /w/name && httpd -p 8081 -h /w && exec httpd -f -p 8080 -h /w")}},
            "ports": [ {{ports}} ], "readinessProbe": { "httpGet": { "path": "/name", "port": 8080 }, "periodSeconds": 1 } } ] } }
        """);

    /// <summary>The address of a pod that runs.</summary>
    internal async Task<string> AddressAsync(string pod) => (string)(await PodIsAsync(Node, pod, IsReady))["status"]!["podIP"]!;

    /// <summary>The network of a pod that runs.</summary>
    internal async Task<PodSpace> SpaceAsync(string pod) => new(Node, await AddressAsync(pod));

    /// <summary>The pods and ports that the Endpoints of a service have; none if there are no such Endpoints.</summary>
    internal async Task<IEnumerable<(string Pod, int Port)>> EndpointsAsync(string service)
    {
        var all = (await Node.AskAsync(HttpMethod.Get, Path($"endpoints?fieldSelector=metadata.name%3D{service}")))["items"]!.AsArray();
        return all.SelectMany(e => e!["subsets"]?.AsArray() ?? []).SelectMany(s => (s!["addresses"]?.AsArray() ?? []).SelectMany(a => s["ports"]!.AsArray().Select(p => ((string)a!["targetRef"]!["name"]!, (int)p!["port"]!)))).Order();
    }

    /// <summary>The EndpointSlices of a service.</summary>
    internal async Task<JsonArray> SlicesAsync(string service) =>
        (await Node.AskAsync(HttpMethod.Get, $"/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D{service}"))["items"]!.AsArray();

    /// <summary>Makes a service.</summary>
    internal Task<JsonNode> ServiceAsync(string name, string spec) =>
        Node.AskAsync(HttpMethod.Post, $"{Space}/services", $$"""{ "metadata": { "name": "{{name}}" }, "spec": {{spec}} }""");

    /// <summary>Changes a service by a merge patch.</summary>
    internal Task<JsonNode> PatchAsync(string name, string spec) => Node.AskAsync(HttpMethod.Patch, $"{Space}/services/{name}", $$"""{ "spec": {{spec}} }""", ApiSpace.Merge);

    internal Task<JsonNode> GetAsync(string resource, string name) => Node.AskAsync(HttpMethod.Get, $"{Space}/{resource}/{name}");

    internal Task<JsonNode> DeleteAsync(string resource, string name) => Node.AskAsync(HttpMethod.Delete, $"{Space}/{resource}/{name}");

    /// <summary>Runs a script in the container of a pod.</summary>
    internal async Task<string> RunAsync(string pod, string script)
    {
        if (!_containers.TryGetValue(pod, out var container))
        {
            container = _containers[pod] = ((string)(await PodIsAsync(Node, pod, IsReady))["status"]!["containerStatuses"]![0]!["containerID"]!)["docker://".Length..];
        }

        return (await Command.RunAsync("docker", ["exec", container, "sh", "-c", script], Bound)).Succeeded();
    }

    /// <summary>Asks some times by HTTP from a pod.</summary>
    /// <returns>The different answers in order; <c>none</c> for those that did not come.</returns>
    internal async Task<string> AskAsync(string pod, string address, int times = 20) =>
        string.Join(' ', (await RunAsync(pod, $"for i in $(seq {times}); do timeout 3 wget -qO- http://{address}/name 2>/dev/null || echo none; done | sort -u")).Split('\n', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Waits until an address answers a pod as it should.</summary>
    internal async Task AnswersAsync(string pod, string address, string expected, int times = 20)
    {
        var said = "";
        await Poll.UntilAsync(async () => (said = await AskAsync(pod, address, times)) == expected, Bound, () => $"{address} answers {pod} {expected}, and not {said}");
    }

    /// <summary>The path of a collection in the namespace of the pods.</summary>
    internal static string Path(string resource) => $"{Space}/{resource}";
}
