using System.Text.Json.Nodes;
using Orchestrator.Actors.Api.Tables;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Manifests;

namespace Orchestrator.Cli.Output;

/// <summary>Describes an object with its events, as <c>kubectl describe</c> does.</summary>
/// <param name="Type">Type of the object.</param>
/// <param name="Object">The object.</param>
/// <param name="Events">Recent events of the object.</param>
/// <param name="Related">Related objects, such as the pods of a node or the replica sets of a deployment.</param>
/// <param name="Now">Current time, to compute ages.</param>
internal sealed record Describer(ResourceType Type, JsonObject Object, IReadOnlyList<JsonObject> Events, IReadOnlyList<JsonObject> Related, DateTimeOffset Now)
{
    public string Describe()
    {
        var writer = new DescribeWriter().Line("Name", Object.Name());
        if (Type.IsNamespaced)
        {
            writer.Line("Namespace", Object.Namespace());
        }

        writer.Pairs("Labels", Object.Fields("metadata", "labels"))
            .Pairs("Annotations", Object.Fields("metadata", "annotations").Where(a => a.Key != LastApplied.Annotation), ": ")
            .LineIf("Created", Object.Text("metadata", "creationTimestamp"))
            .LineIf("Terminating", Object.Text("metadata", "deletionTimestamp"))
            .LineIf("Controlled By", Owner(Object));
        switch (Type.Kind)
        {
            case "Pod":
                Pod(writer);
                break;
            case "Node":
                Node(writer);
                break;
            case "Deployment":
                Deployment(writer);
                break;
            case "ReplicaSet":
                ReplicaSet(writer);
                break;
            case "Secret":
                writer.Line("Type", Object.Text("type")).Values("Data", [.. Object.Fields("data").Select(d => $"{d.Key}: {Bytes(d.Value.Text())} bytes")]);
                break;
            default:
                writer.Any(Object.Where(p => p.Key is not ("apiVersion" or "kind" or "metadata")));
                break;
        }

        if (Type.Kind != "Event")
        {
            writer.Table("Events", ["Type", "Reason", "Age", "From", "Message"], [.. Events.Select(e => (string[])
                [e.Text("type") ?? "", e.Text("reason") ?? "", Age.Of(EventsCommand.Seen(e), Now) + (e.Number("count") is > 1 and var n ? $" (x{n})" : ""),
                    e.Text("source", "component") ?? e.Text("reportingComponent") ?? "", e.Text("message") ?? ""])]);
        }

        return writer.ToString();
    }

    private void Pod(DescribeWriter writer)
    {
        writer.Line("Node", Object.Text("spec", "nodeName")).LineIf("Start Time", Object.Text("status", "startTime"))
            .Line("Status", Object.Text("status", "phase")).LineIf("Reason", Object.Text("status", "reason")).LineIf("Message", Object.Text("status", "message"))
            .Line("IP", Object.Text("status", "podIP")).LineIf("QoS Class", Object.Text("status", "qosClass"))
            .LineIf("Service Account", Object.Text("spec", "serviceAccountName"))
            .LineIf("Grace Period", Object.Text("spec", "terminationGracePeriodSeconds") is { } g ? g + "s" : null);
        Containers(writer, "Init Containers", Object["spec"], "initContainers", "initContainerStatuses");
        Containers(writer, "Containers", Object["spec"], "containers", "containerStatuses");
        Conditions(writer);
        if (Object.Items("spec", "volumes").Any())
        {
            writer.Block("Volumes", s =>
            {
                foreach (var v in Object.Items("spec", "volumes"))
                {
                    s.Line(v.Text("name")!, string.Join(", ", v.Where(p => p.Key != "name").Select(p => $"{p.Key} {p.Value.Text()}")));
                }
            });
        }

        writer.Pairs("Node-Selectors", Object.Fields("spec", "nodeSelector"))
            .Values("Tolerations", [.. Object.Items("spec", "tolerations").Select(t => string.Concat(t.Text("key"), t.Text("value") is { } v ? "=" + v : "", ":", t.Text("effect")))]);
    }

    private void Containers(DescribeWriter writer, string title, JsonNode? spec, string list, string? statuses)
    {
        if (!spec.Items(list).Any())
        {
            return;
        }

        writer.Block(title, s =>
        {
            foreach (var c in spec.Items(list))
            {
                var status = statuses is null ? null : Object.Items("status", statuses).FirstOrDefault(x => x.Text("name") == c.Text("name"));
                s.Block(c.Text("name") ?? "", b => Container(b, c, status));
            }
        });
    }

    private static void Container(DescribeWriter writer, JsonObject c, JsonObject? status)
    {
        writer.Line("Image", c.Text("image")).LineIf("Image ID", status.Text("imageID")).LineIf("Container ID", status.Text("containerID"))
            .LineIf("Command", Join(c["command"])).LineIf("Args", Join(c["args"]))
            .LineIf("Ports", string.Join(", ", c.Items("ports").Select(p => $"{p.Text("containerPort")}/{p.Text("protocol") ?? "TCP"}")));
        if (status is not null)
        {
            writer.Line("State", State(status["state"])).LineIf("Last State", status["lastState"] is JsonObject { Count: > 0 } last ? State(last) : null)
                .Line("Ready", status.Text("ready")).Line("Restart Count", status.Text("restartCount"));
        }

        foreach (var what in (string[])["limits", "requests"])
        {
            writer.LineIf(DescribeWriter.Words(what), string.Join(", ", c.Fields("resources", what).Select(r => $"{r.Key} {r.Value.Text()}")));
        }

        foreach (var probe in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            writer.LineIf(DescribeWriter.Words(probe), Probe(c[probe]));
        }

        writer.LineIf("Environment", string.Join(", ", c.Items("env").Select(e => $"{e.Text("name")}={e.Text("value") ?? e.Text("valueFrom")}")))
            .LineIf("Mounts", string.Join(", ", c.Items("volumeMounts").Select(m => $"{m.Text("mountPath")} from {m.Text("name")}{(m.Flag("readOnly") ? " (ro)" : "")}")));
    }

    private void Node(DescribeWriter writer)
    {
        writer.Line("Unschedulable", Object.Flag("spec", "unschedulable") ? "true" : "false")
            .Values("Taints", [.. Object.Items("spec", "taints").Select(t => string.Concat(t.Text("key"), t.Text("value") is { } v ? "=" + v : "", ":", t.Text("effect")))]);
        Conditions(writer);
        writer.Values("Addresses", [.. Object.Items("status", "addresses").Select(a => $"{a.Text("type")}: {a.Text("address")}")])
            .Pairs("Capacity", Object.Fields("status", "capacity"), ": ").Pairs("Allocatable", Object.Fields("status", "allocatable"), ": ");
        if (Object.At("status", "nodeInfo") is JsonObject info)
        {
            writer.Block("System Info", s => s.Any(info.Where(p => p.Value.Text() is { Length: > 0 })));
        }

        writer.Table($"Pods ({Related.Count})", ["Namespace", "Name", "Status", "CPU Requests", "Memory Requests", "Age"], [.. Related.Select(p => (string[])
            [p.Namespace() ?? "", p.Name(), p.Text("status", "phase") ?? "", Requests(p, "cpu"), Requests(p, "memory"), Age.Of(p.Moment("metadata", "creationTimestamp"), Now)])]);
    }

    private void Deployment(DescribeWriter writer)
    {
        string Count(string field) => Object.Text("status", field) ?? "0";
        writer.Line("Selector", Object.At("spec", "selector") is JsonObject selector ? LogsCommand.Selector(selector) : null)
            .Line("Replicas", $"{Object.Text("spec", "replicas") ?? "1"} desired | {Count("updatedReplicas")} updated | {Count("replicas")} total | {Count("availableReplicas")} available | {Count("unavailableReplicas")} unavailable")
            .LineIf("Paused", Object.Text("spec", "paused")).Line("Strategy", Object.Text("spec", "strategy", "type"))
            .LineIf("Rolling Update", Object.At("spec", "strategy", "rollingUpdate") is { } r ? $"{r.Text("maxUnavailable")} max unavailable, {r.Text("maxSurge")} max surge" : null);
        Template(writer);
        Conditions(writer);
        writer.Table("Replica Sets", ["Revision", "Name", "Desired", "Ready", "Age"], [.. Related.Select(s => (string[])
            [s.Text("metadata", "annotations", "deployment.kubernetes.io/revision") ?? "", s.Name(), s.Text("spec", "replicas") ?? "", s.Text("status", "readyReplicas") ?? "0", Age.Of(s.Moment("metadata", "creationTimestamp"), Now)])]);
    }

    private void ReplicaSet(DescribeWriter writer)
    {
        writer.Line("Selector", Object.At("spec", "selector") is JsonObject selector ? LogsCommand.Selector(selector) : null)
            .Line("Replicas", $"{Object.Text("status", "replicas") ?? "0"} current / {Object.Text("spec", "replicas") ?? "1"} desired | {Object.Text("status", "readyReplicas") ?? "0"} ready");
        Template(writer);
    }

    private void Template(DescribeWriter writer) => writer.Block("Pod Template", s =>
    {
        s.Pairs("Labels", Object.Fields("spec", "template", "metadata", "labels"));
        Containers(s, "Containers", Object.At("spec", "template", "spec"), "containers", null);
    });

    private void Conditions(DescribeWriter writer) => writer.Table("Conditions", ["Type", "Status", "Reason", "Message"], [.. Object.Items("status", "conditions").Select(c => (string[])
        [c.Text("type") ?? "", c.Text("status") ?? "", c.Text("reason") ?? "", c.Text("message") ?? ""])]);

    private static string? Owner(JsonObject o) => o.Items("metadata", "ownerReferences").Where(r => r.Flag("controller")).Select(r => $"{r.Text("kind")}/{r.Text("name")}").FirstOrDefault();

    private static string Requests(JsonObject pod, string what) =>
        string.Join("+", pod.Items("spec", "containers").Select(c => c.Text("resources", "requests", what)).OfType<string>()) is { Length: > 0 } all ? all : "0";

    private static string? State(JsonNode? state) => state.Fields().Select(s => DescribeWriter.Words(s.Key) + Details(s.Value)).FirstOrDefault();

    private static string Details(JsonNode? state)
    {
        var parts = new[] { state.Text("reason"), state.Text("message"), state.Text("exitCode") is { } e ? "exit code " + e : null,
            state.Text("startedAt") is { } s ? "since " + s : null, state.Text("finishedAt") is { } f ? "until " + f : null };
        return parts.OfType<string>().ToList() is { Count: > 0 } told ? $" ({string.Join(", ", told)})" : "";
    }

    private static string? Probe(JsonNode? probe) => probe is null ? null : string.Concat(
        probe["httpGet"] is { } http ? $"http-get {http.Text("scheme")?.ToLowerInvariant() ?? "http"}://:{http.Text("port")}{http.Text("path")}"
        : probe["tcpSocket"] is { } tcp ? $"tcp-socket :{tcp.Text("port")}" : probe["exec"] is { } exec ? $"exec {Join(exec["command"])}" : "grpc",
        $" delay={probe.Text("initialDelaySeconds") ?? "0"}s timeout={probe.Text("timeoutSeconds") ?? "1"}s period={probe.Text("periodSeconds") ?? "10"}s",
        $" #success={probe.Text("successThreshold") ?? "1"} #failure={probe.Text("failureThreshold") ?? "3"}");

    private static string Join(JsonNode? list) => string.Join(' ', (list as JsonArray ?? []).Select(i => i.Text()));

    private static int Bytes(string? base64)
    {
        var buffer = new byte[base64?.Length ?? 0];
        return Convert.TryFromBase64String(base64 ?? "", buffer, out var count) ? count : 0;
    }
}
