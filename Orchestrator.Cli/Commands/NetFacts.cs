using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary>What is known of a service and of the way to it from a node.</summary>
/// <param name="Service">The service.</param>
/// <param name="Pods">The pods that it selects; null if it selects none itself.</param>
/// <param name="Slices">Its EndpointSlices.</param>
/// <param name="Node">Name of the node from which it is looked at.</param>
/// <param name="Page">What that node says of it.</param>
internal sealed record NetFacts(JsonObject Service, IReadOnlyList<JsonObject>? Pods, IReadOnlyList<JsonObject> Slices, string Node, JsonObject Page)
{
    // As many as one wants to read of.
    private const int MostJudged = 5;

    /// <summary>Name of the pod from which it is looked at; null for the node itself.</summary>
    public string? From { get; init; }

    /// <summary>Events of the service that warn.</summary>
    public IReadOnlyList<JsonObject> Warnings { get; init; } = [];

    /// <summary>What policies say of connections from the pod to endpoints.</summary>
    public IReadOnlyList<NetVerdict> Verdicts { get; init; } = [];

    /// <summary>Whether the service is for others than pods and nodes, too.</summary>
    public bool HasOutside => Service.Items("spec", "ports").Any(p => p.Text("nodePort") is not (null or "0")) || Service.At("spec", "externalIPs") is JsonArray { Count: > 0 } || Service.Items("status", "loadBalancer", "ingress").Any();

    /// <summary>The endpoints of all slices, each with the ports of its slice.</summary>
    public IEnumerable<JsonObject> Endpoints => Slices.SelectMany(s => s.Items("endpoints"));

    /// <summary>Reads them.</summary>
    /// <param name="context">The command.</param>
    /// <param name="name">Name of the service.</param>
    /// <param name="from">The pod from which it is looked at; null for a node.</param>
    /// <param name="node">The node; null for that of the pod, or else one that is ready.</param>
    /// <exception cref="UsageException">The pod is on no node, or no node is ready.</exception>
    public static async Task<NetFacts> ReadAsync(CommandContext context, string name, string? from, string? node)
    {
        var space = $"/api/v1/namespaces/{Uri.EscapeDataString(context.Namespace)}";
        var service = await context.Client.GetAsync($"{space}/services/{Uri.EscapeDataString(name)}", context.Cancellation);
        var selector = string.Join(',', service.Fields("spec", "selector").Select(l => $"{l.Key}={l.Value}"));
        var pods = selector.Length == 0 ? null : (await context.Client.GetAsync(ApiClient.Query($"{space}/pods", ("labelSelector", selector)), context.Cancellation)).Items("items").ToList();
        var slices = (await context.Client.GetAsync(ApiClient.Query($"/apis/discovery.k8s.io/v1/namespaces/{Uri.EscapeDataString(context.Namespace)}/endpointslices",
            ("labelSelector", $"kubernetes.io/service-name={name}")), context.Cancellation)).Items("items").ToList();
        var warnings = (await context.Client.GetAsync(ApiClient.Query($"{space}/events", ("fieldSelector", $"involvedObject.kind=Service,involvedObject.name={name},involvedObject.uid={service.Text("metadata", "uid")},type=Warning")),
            context.Cancellation)).Items("items").ToList();
        var pod = from is null ? null : await context.Client.GetAsync($"{space}/pods/{Uri.EscapeDataString(from)}", context.Cancellation);
        var at = pod is null ? node ?? await ReadyNodeAsync(context) : pod.Text("spec", "nodeName") ?? throw new UsageException($"Pod {from} is on no node yet.");
        var page = await PageAsync(context, at, $"network/services/{Uri.EscapeDataString(context.Namespace)}/{Uri.EscapeDataString(name)}");
        var facts = new NetFacts(service, pods, slices, at, page) { From = from, Warnings = warnings };
        return pod is null || pod.Flag("spec", "hostNetwork") ? facts : facts with { Verdicts = await JudgeAsync(context, facts, pod) };
    }

    // Both ends have a say: the node of the pod on what leaves it, that of the endpoint on what comes to it.
    private static async Task<IReadOnlyList<NetVerdict>> JudgeAsync(CommandContext context, NetFacts facts, JsonObject pod)
    {
        var verdicts = new List<NetVerdict>();
        var nodes = facts.Endpoints.Where(e => e.Text("nodeName") is not null).ToLookup(e => (string?)(e.At("addresses") as JsonArray)?[0] ?? "");
        foreach (var port in facts.Page.Items("ports"))
        {
            foreach (var target in (port.At("fromPods") as JsonArray ?? []).Select(e => (string)e!).Take(MostJudged))
            {
                var colon = target.LastIndexOf(':');
                var (address, number) = (target[..colon].Trim('[', ']'), target[(colon + 1)..]);
                var at = $"protocol={port.Text("protocol")}&port={number}";
                var leaving = await PageAsync(context, facts.Node, $"network/pods/{pod.Namespace()}/{pod.Name()}?to={Uri.EscapeDataString(address)}&{at}");
                var endpoint = nodes[address].FirstOrDefault();
                var arriving = endpoint?.Text("targetRef", "name") is not { } name ? null
                    : await PageAsync(context, endpoint.Text("nodeName")!, $"network/pods/{endpoint.Text("targetRef", "namespace") ?? pod.Namespace()}/{name}?from={Uri.EscapeDataString(OfFamily(pod, address))}&{at}");
                verdicts.Add(new NetVerdict($"{port.Text("port")}/{port.Text("protocol")}", target, endpoint?.Text("targetRef", "name"), leaving["connection"] as JsonObject, arriving?["connection"] as JsonObject));
            }
        }

        return verdicts;
    }

    // The address of a pod by which it reaches another one.
    private static string OfFamily(JsonObject pod, string other) =>
        pod.Items("status", "podIPs").Select(i => i.Text("ip")).FirstOrDefault(i => i?.Contains(':', StringComparison.Ordinal) == other.Contains(':', StringComparison.Ordinal)) ?? pod.Text("status", "podIP") ?? "";

    private static Task<JsonObject> PageAsync(CommandContext context, string node, string page) => context.Client.GetAsync($"/api/v1/nodes/{Uri.EscapeDataString(node)}/proxy/{page}", context.Cancellation);

    private static async Task<string> ReadyNodeAsync(CommandContext context) =>
        (await context.Client.GetAsync("/api/v1/nodes", context.Cancellation)).Items("items").FirstOrDefault(n => n.Items("status", "conditions").Any(c => c.Text("type") == "Ready" && c.Text("status") == "True"))?.Name()
        ?? throw new UsageException("No node is ready: see orc status.");
}

/// <summary>What policies say of connections from a pod to an endpoint.</summary>
/// <param name="Port">Port and protocol of the service.</param>
/// <param name="Target">Address and port of the endpoint.</param>
/// <param name="Pod">Name of the endpoint's pod; null if it is none.</param>
/// <param name="Leaving">On what leaves the pod.</param>
/// <param name="Arriving">On what comes to the endpoint; null if it is no pod.</param>
internal sealed record NetVerdict(string Port, string Target, string? Pod, JsonObject? Leaving, JsonObject? Arriving)
{
    /// <summary>Whether both let it through.</summary>
    public bool IsAllowed => (Leaving is null || Leaving.Flag("isAllowed")) && (Arriving is null || Arriving.Flag("isAllowed"));
}
