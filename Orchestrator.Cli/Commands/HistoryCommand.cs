using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc history</c>: all events of an object, from the journal.</summary>
internal static class HistoryCommand
{
    private const int Narrow = 80;

    public static Command Create(Setup setup)
    {
        var what = Setup.Words("what", "TYPE/NAME or TYPE NAME").WithNames(setup);
        var output = new Option<string?>("--output", "-o") { Description = "json, yaml or wide", HelpName = "format" };
        output.AcceptOnlyFromAmong("json", "yaml", "wide");
        var noHeaders = Setup.Switch("Omit the header line", "--no-headers");
        return setup.Command("history", "Shows all events of an object, even if it was deleted.", [what, output, noHeaders],
        [
            "orc history deploy/web",
            "orc history pod web-1 -o wide       # changes in full",
            "orc history deploy/web -o yaml      # every event as it is",
        ], async context =>
        {
            foreach (var target in Target.ParseNamed(context.Get(what)!, await context.DiscoveryAsync()))
            {
                if (target.Type.Group == "metrics.k8s.io")
                {
                    throw new UsageException($"Metrics have no events: see what was used with 'orc top {target.Type.Plural} {target.Name} --since=1h'.");
                }

                var answer = await context.Client.GetAsync(Path(target, context.Namespace), context.Cancellation);
                if (context.Get(output) is "json" or "yaml")
                {
                    ObjectPrinter.Print(context.Out, context.Get(output)!, answer);
                    continue;
                }

                if (answer["metadata"].Moment("historyBegins") is { } begins)
                {
                    context.Io.Error.WriteLine($"History starts after {begins.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC; older events have been compacted.");
                }

                new TableWriter(context.Out, context.Io.HasColour).Write(
                    context.Get(noHeaders) ? null : ["TIME", "REVISION", "EVENT", "BY", "CAUSE", "CHANGES"],
                    [.. answer.Items("items").Select(e => Row(e, context.Get(output) == "wide" ? int.MaxValue : Narrow))]);
            }

            return ExitCodes.Ok;
        });
    }

    public static string Path(Target target, string ns)
    {
        var type = target.Type;
        var group = type.Group.Length == 0 ? "core" : type.Group;
        return $"/apis/history.orchestrator.io/v1/{group}/{type.Plural}/{(type.IsNamespaced ? Uri.EscapeDataString(ns) : "-")}/{Uri.EscapeDataString(target.Name!)}";
    }

    public static string[] Row(JsonObject e, int length) =>
    [
        e.Moment("time")?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture) ?? "",
        e.Text("revision") ?? "",
        e.Text("event") ?? "",
        e.Text("by") ?? "",
        e.Text("cause") is { Length: > 0 } cause and not "0" ? cause : "-",
        PatchSummary.Of(e["change"], length) is { Length: > 0 } changes ? changes : PatchSummary.Of(e["details"], length),
    ];
}
