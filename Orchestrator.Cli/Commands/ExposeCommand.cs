using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Commands.Creation;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc expose</c>: a service for the pods of an object.</summary>
internal static class ExposeCommand
{
    public static Command Create(Setup setup)
    {
        var what = Setup.Words("what", "TYPE/NAME or TYPE NAME").WithNames(setup);
        var port = Setup.Number("Port of the service (default: the ports of the containers)", "number", "--port");
        var target = Setup.Text("Port of the containers, a number or a name (default: --port)", "port", "--target-port");
        var name = Setup.Text("Name of the service (default: that of the object)", "name", "--name");
        var type = Setup.Text("ClusterIP (default), NodePort or LoadBalancer", "type", "--type");
        type.AcceptOnlyFromAmong("ClusterIP", "NodePort", "LoadBalancer");
        var protocol = Setup.Text("TCP (default), UDP or SCTP", "name", "--protocol");
        protocol.AcceptOnlyFromAmong("TCP", "UDP", "SCTP");
        var selector = Setup.Text("Labels of the pods (default: the selector of the object)", "labels", "--selector");
        var writeOptions = new WriteOptions(WriteOptions.Formats, hasFields: true);
        return setup.Command("expose", "Creates a service for the pods of an object.", [what, port, target, name, type, protocol, selector, .. writeOptions.Options],
        [
            "orc expose deploy/web --port=80 --target-port=8080",
            "orc expose pod web --port=80 --name=front --type=NodePort",
        ], async context =>
        {
            var mode = writeOptions.Of(context);
            var services = new List<JsonObject>();
            foreach (var one in Target.ParseNamed(context.Get(what)!, await context.DiscoveryAsync()))
            {
                var o = await context.Client.GetAsync(context.PathOf(one), context.Cancellation);
                var labels = Pairs.List(context.Get(selector), "--selector", "app=web") ?? Selector(o)
                    ?? throw new CliException($"{one.Type.Display}/{one.Name} does not select its pods by labels alone: specify --selector, such as app=web.");
                var ports = context.Get(port) is { } number ? [number] : o.Items([.. ContainerPatch.PodSpec(one.Type), "containers"])
                    .SelectMany(c => c.Items("ports")).Select(p => p.Number("containerPort")).OfType<long>().Distinct().ToList();
                if (ports.Count == 0)
                {
                    throw new CliException($"{one.Type.Display}/{one.Name} names no port of its containers: specify --port.");
                }

                var service = Draft.Of("v1", "Service", context.Get(name) ?? one.Name!, ("spec", Draft.Fields(
                    ("type", context.Get(type)),
                    ("selector", labels),
                    ("ports", new JsonArray([.. ports.Select((p, i) => Draft.Fields(
                        ("name", ports.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"port-{i + 1}") : null),
                        ("protocol", context.Get(protocol)),
                        ("port", p),
                        ("targetPort", TargetPort(context.Get(target)) ?? JsonValue.Create(p))))])))));
                if (o.At("metadata", "labels") is JsonObject { Count: > 0 } own)
                {
                    service["metadata"]!["labels"] = own.DeepClone();
                }

                services.Add(service);
            }

            return await Draft.SendAsync(context, mode, services, "exposed");
        });
    }

    // Of a workload, of a replication controller or a service, of a pod.
    private static JsonObject? Selector(JsonObject o) => o.At("spec", "selector") switch
    {
        JsonObject selector when selector.ContainsKey("matchExpressions") => null,
        JsonObject selector => (selector["matchLabels"] ?? selector).DeepClone() as JsonObject,
        _ => o.At("metadata", "labels")?.DeepClone() as JsonObject,
    };

    private static JsonValue? TargetPort(string? text) => text is null ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : JsonValue.Create(text);
}
