using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands;

/// <summary>Why a connection to a service would fail, as far as the facts tell. Pure.</summary>
internal static class NetFindings
{
    /// <summary>A sentence for each reason; none if nothing speaks against it.</summary>
    public static IEnumerable<string> Of(NetFacts facts)
    {
        var (name, type) = (facts.Service.Name(), facts.Service.Text("spec", "type"));
        if (type == "ExternalName")
        {
            return [];
        }

        return [.. Endpoints(facts, name), .. Outside(facts, name), .. OfNode(facts), .. facts.Verdicts.SelectMany(v => Policies(facts, v))];
    }

    private static IEnumerable<string> Endpoints(NetFacts facts, string name)
    {
        if (facts.Pods is null && !facts.Endpoints.Any())
        {
            yield return (facts.Service.Namespace(), name) == ("default", "kubernetes") ? "No API server listens at an address that pods reach: see --api-address in orc up --help."
                : $"Service {name} has no selector, and nobody has made EndpointSlices for it: give it a selector, or make Endpoints of its name.";
        }
        else if (facts.Pods is { Count: 0 })
        {
            yield return $"No pod has the labels that the service selects: {string.Join(", ", facts.Service.Fields("spec", "selector").Select(l => $"{l.Key}={l.Value}"))}.";
        }
        else if (!facts.Endpoints.Any(e => e.At("conditions", "ready") is null || e.Flag("conditions", "ready") || (e.Flag("conditions", "terminating") && e.Flag("conditions", "serving"))))
        {
            yield return "No endpoint is ready.";
            foreach (var pod in facts.Pods ?? [])
            {
                yield return $"Pod {pod.Name()} {Unready(pod)}.";
            }
        }

        foreach (var port in facts.Page.Items("ports").Where(p => p.At("endpoints") is JsonArray { Count: 0 } && facts.Endpoints.Any()))
        {
            var target = facts.Service.Items("spec", "ports").FirstOrDefault(p => p.Text("port") == port.Text("port") && (p.Text("protocol") ?? "TCP") == port.Text("protocol"))?.Text("targetPort");
            yield return $"Port {port.Text("port")}/{port.Text("protocol")} leads to the port {target} of pods, and no pod has one of that name and protocol.";
        }
    }

    private static IEnumerable<string> Outside(NetFacts facts, string name) =>
        facts.Service.Text("spec", "type") == "LoadBalancer" && !facts.Service.Items("status", "loadBalancer", "ingress").Any()
            ? [$"From outside, because the load balancer has no address{(facts.Service.Text("spec", "loadBalancerClass") is { } other and not "orchestrator.io/load-balancer" ? $": it is for whoever serves the class {other}" : facts.Warnings.Count > 0 ? ": see the warnings above" : "")}."] : [];

    private static string Unready(JsonObject pod)
    {
        if (pod.Text("metadata", "deletionTimestamp") is not null)
        {
            return "is being deleted";
        }

        var waiting = pod.Items("status", "containerStatuses").Select(c => (Name: c.Text("name"), Reason: c.Text("state", "waiting", "reason"))).FirstOrDefault(c => c.Reason is not null);
        return waiting.Reason is not null ? $"waits: container {waiting.Name} is in {waiting.Reason}"
            : pod.Text("status", "phase") is not "Running" and var phase ? $"is {phase}{(pod.Text("spec", "nodeName") is null ? " and on no node" : "")}"
            : pod.Items("status", "containerStatuses").FirstOrDefault(c => !c.Flag("ready"))?.Text("name") is { } container ? $"runs, and its container {container} is not ready: see its readiness probe in orc describe pod {pod.Name()}"
            : "runs and is not ready: see its conditions";
    }

    private static IEnumerable<string> OfNode(NetFacts facts)
    {
        if (string.IsNullOrEmpty(facts.Page.Text("copy", "source")))
        {
            yield return $"Node {facts.Node} has not heard of any service: no control host has told it, or it leads no packets to services (see its log).";
            yield break;
        }

        if (facts.Page["ports"] is not null && !facts.Page.Flag("isInForce"))
        {
            yield return $"The newest rules of the service are not in the kernel of node {facts.Node}: see the log of its agent.";
        }

        if (facts.Service.Text("spec", "internalTrafficPolicy") == "Local")
        {
            foreach (var port in facts.Page.Items("ports").Where(p => p.At("fromPods") is JsonArray { Count: 0 } && p.At("endpoints") is JsonArray { Count: > 0 }))
            {
                yield return $"internalTrafficPolicy is Local, and no endpoint of port {port.Text("port")}/{port.Text("protocol")} on node {facts.Node} is ready.";
            }
        }
    }

    private static IEnumerable<string> Policies(NetFacts facts, NetVerdict verdict)
    {
        if (verdict.Leaving is { } leaving && !leaving.Flag("isAllowed"))
        {
            yield return $"What leaves pod {facts.From} for {verdict.Target} is dropped: {Which(leaving)} no rule that allows it.";
        }

        if (verdict.Arriving is { } arriving && !arriving.Flag("isAllowed"))
        {
            yield return $"What comes from pod {facts.From} to pod {verdict.Pod} ({verdict.Target}) is dropped: {Which(arriving)} no rule that allows it.";
        }
    }

    private static string Which(JsonObject verdict)
    {
        var names = (verdict["restricting"] as JsonArray ?? []).Select(n => (string?)n).ToList();
        return names.Count == 1 ? $"network policy {names[0]} restricts it and has" : $"network policies {string.Join(", ", names)} restrict it and have";
    }
}
