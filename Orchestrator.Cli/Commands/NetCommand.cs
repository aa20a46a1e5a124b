using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc net SERVICE</c>: what the packets of a service meet at a node, and why a connection would fail.</summary>
internal static class NetCommand
{
    public static Command Create(Setup setup)
    {
        var service = new Argument<string>("service") { Description = "Name of the service" };
        var from = Setup.Text("Look from this pod, with what network policies say of it", "POD", "--from");
        var node = Setup.Text("Look from this node (default: that of --from, or one that is ready)", "NODE", "--node");
        var rules = Setup.Switch("Show the packet rules, too", "--rules");
        var output = Setup.Text("json or yaml", "format", "--output", "-o");
        output.AcceptOnlyFromAmong("json", "yaml");
        return setup.Command("net", "Shows what the packets of a service meet, and why a connection to it would fail.", [service, from, node, rules, output],
        [
            "orc net web",
            "orc net svc/web --from client-7d4b9",
            "orc net web --node n1 --rules",
        ], async context =>
        {
            if (context.Get(from) is not null && context.Get(node) is not null)
            {
                throw new UsageException("A pod is on a node: leave out --node.");
            }

            // As other commands name it: svc/web.
            var name = context.Get(service)!.Split('/', 2) is ["svc" or "service" or "services", var own] ? own : context.Get(service)!;
            var facts = await NetFacts.ReadAsync(context, name, context.Get(from), context.Get(node));
            var findings = NetFindings.Of(facts).ToList();
            if (context.Get(output) is { } format)
            {
                ObjectPrinter.Print(context.Out, format, Document(facts, findings));
            }
            else
            {
                Write(context, facts, findings, context.Get(rules));
            }

            return findings.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        });
    }

    private static JsonObject Document(NetFacts facts, List<string> findings) => new()
    {
        ["service"] = facts.Service.DeepClone(),
        ["node"] = facts.Node,
        ["from"] = facts.From,
        ["seen"] = facts.Page.DeepClone(),
        ["connections"] = new JsonArray([.. facts.Verdicts.Select(v => (JsonNode)new JsonObject
        {
            ["port"] = v.Port, ["target"] = v.Target, ["pod"] = v.Pod, ["isAllowed"] = v.IsAllowed, ["leaving"] = v.Leaving?.DeepClone(), ["arriving"] = v.Arriving?.DeepClone(),
        })]),
        ["warnings"] = new JsonArray([.. facts.Warnings.Select(w => (JsonNode)new JsonObject { ["reason"] = w.Text("reason"), ["message"] = w.Text("message") })]),
        ["findings"] = new JsonArray([.. findings.Select(f => (JsonNode)f)]),
    };

    private static void Write(CommandContext context, NetFacts facts, List<string> findings, bool hasRules)
    {
        var spec = facts.Service["spec"];
        var at = spec.Text("clusterIP") is { } address ? $" at {address}" : spec.Text("externalName") is { } alias ? $" for {alias}" : "";
        context.Out.WriteLine($"Service {facts.Service.Namespace()}/{facts.Service.Name()}, {spec.Text("type")}{at}, seen from {(facts.From is null ? "" : $"pod {facts.From} on ")}node {facts.Node}");
        Table(["NAME", "TYPE", "ANSWER"], facts.Page.Items("names").Select(n => (string[])[n.Text("name")!, n.Text("type")!, n.Text("answer")!]));
        Table(["PORT", "NODE PORT", "FROM PODS TO", "FROM OUTSIDE TO"], facts.Page.Items("ports").Select(p => (string[])[$"{p.Text("port")}/{p.Text("protocol")}", p.Text("nodePort") is "0" or null ? "-" : p.Text("nodePort")!, Few(p.At("fromPods")), facts.HasOutside ? Few(p.At("fromOutside")) : "-"]));
        Table(["ENDPOINT", "POD", "NODE", "STATE"], facts.Endpoints.Select(e => (string[])[(string?)(e.At("addresses") as JsonArray)?[0] ?? "", e.Text("targetRef", "name") ?? "-", e.Text("nodeName") ?? "-", State(e)]));
        Table(["WARNING", "TOLD"], facts.Warnings.Select(w => (string[])[w.Text("reason") ?? "", w.Text("message") ?? ""]));
        Table(["CONNECTION", "POD", "LEAVES", "ARRIVES"], facts.Verdicts.Select(v => (string[])[$"{v.Port} to {v.Target}", v.Pod ?? "-", Said(v.Leaving), Said(v.Arriving)]));
        if (hasRules)
        {
            foreach (var (chain, lines) in facts.Page.Fields("rules", "chains"))
            {
                context.Out.WriteLine($"\n{chain}");
                foreach (var line in lines as JsonArray ?? [])
                {
                    context.Out.WriteLine($"  {line}");
                }
            }

            context.Out.WriteLine($"\n{string.Join('\n', (facts.Page.At("rules", "elements") as JsonArray ?? []).Select(e => (string?)e))}");
        }

        context.Out.WriteLine();
        context.Out.WriteLine(findings.Count == 0 ? facts.From is null ? "Nothing speaks against a connection, but perhaps network policies: with --from POD they are asked, too." : "Nothing speaks against a connection." : $"A connection would fail:\n{string.Join('\n', findings.Select(f => $"- {f}"))}");

        void Table(string[] header, IEnumerable<string[]> rows)
        {
            string[][] lines = [.. rows];
            if (lines.Length > 0)
            {
                context.Out.WriteLine();
                new TableWriter(context.Out, context.Io.HasColour).Write(header, lines);
            }
        }
    }

    private static string State(JsonObject endpoint) => endpoint.At("conditions", "ready") is null || endpoint.Flag("conditions", "ready") ? "ready"
        : endpoint.Flag("conditions", "terminating") ? endpoint.Flag("conditions", "serving") ? "ends, still answers" : "ends" : "not ready";

    private static string Said(JsonObject? verdict) => verdict is null ? "-"
        : verdict.Text("allowedBy") is { } policy ? $"allowed by {policy}" : verdict.Flag("isAllowed") ? "allowed" : "dropped";

    // One reads of three, and of how many there are.
    private static string Few(JsonNode? endpoints)
    {
        const int most = 3;
        var all = (endpoints as JsonArray ?? []).Select(e => (string?)e).ToList();
        return all.Count == 0 ? "nobody" : $"{string.Join(", ", all.Take(most))}{(all.Count > most ? $" and {all.Count - most} more" : "")}";
    }
}
