using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api.Tables;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc events</c>.</summary>
internal static class EventsCommand
{
    private static readonly string[] Header = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"];
    private static readonly string[] Known = ["Normal", "Warning"];

    public static Command Create(Setup setup)
    {
        var about = Setup.Text("Only events of this object", "TYPE/NAME", "--for");
        var all = Setup.Switch("All namespaces", "--all-namespaces", "-A");
        var watch = Setup.Switch("Show new events until interrupted", "--watch", "-w");
        var types = Setup.Text("Only Normal or Warning", "type", "--types");
        types.Validators.Add(r =>
        {
            if (r.Tokens is [var token] && Types(token.Value).FirstOrDefault(t => !Known.Contains(t, StringComparer.OrdinalIgnoreCase)) is { } other)
            {
                r.AddError($"--types is Normal, Warning or both, not \"{other}\"");
            }
        });
        var noHeaders = Setup.Switch("Omit the header line", "--no-headers");
        return setup.Command("events", "Lists recent events, oldest first.", [about, all, watch, types, noHeaders],
        [
            "orc events",
            "orc events --for pod/web-1 -w",
            "orc events -A --types=Warning",
        ], async context =>
        {
            var discovery = await context.DiscoveryAsync();
            var target = context.Get(about) is { } word ? Target.ParseNamed([word], discovery)[0] : null;
            var isAll = context.Get(all);
            var fields = string.Join(',', new[]
            {
                target is null ? null : $"involvedObject.kind={target.Type.Kind},involvedObject.name={target.Name}",
                context.Get(types) is { } only && Known.Where(t => Types(only).Contains(t, StringComparer.OrdinalIgnoreCase)).ToList() is [var type] ? $"type={type}" : null,
            }.OfType<string>());
            var path = ApiClient.Query(discovery.OfManifest("v1", "Event").Path(isAll ? null : context.Namespace), ("fieldSelector", fields));
            var list = await context.Client.GetAsync(path, context.Cancellation);
            var events = list.Items("items").OrderBy(Seen).ToList();
            var writer = new TableWriter(context.Out, context.Io.HasColour);
            var header = context.Get(noHeaders) ? null : isAll ? ["NAMESPACE", .. Header] : Header;
            if (events.Count > 0)
            {
                writer.Write(header, [.. events.Select(e => Row(e, isAll, context.Now))]);
                header = null;
            }
            else if (!context.Get(watch))
            {
                context.Io.Error.WriteLine(isAll ? "No events found." : $"No events found in {context.Namespace} namespace.");
            }

            if (context.Get(watch))
            {
                await foreach (var change in ResumingWatch.FollowAsync(context, path, list.Text("metadata", "resourceVersion"), null))
                {
                    if (change.Type != "DELETED")
                    {
                        writer.Write(header, [Row(change.Object, isAll, context.Now)]);
                        header = null;
                    }
                }
            }

            return ExitCodes.Ok;
        });
    }

    private static string[] Types(string text) => text.Split(',', StringSplitOptions.TrimEntries);

    public static DateTimeOffset Seen(JsonObject e) =>
        e.Moment("lastTimestamp") ?? e.Moment("eventTime") ?? e.Moment("metadata", "creationTimestamp") ?? DateTimeOffset.MinValue;

    private static string[] Row(JsonObject e, bool withNamespace, DateTimeOffset now)
    {
        var age = Age.Of(Seen(e), now);
        var first = e.Moment("firstTimestamp");
        if (e.Number("count") is > 1 and var count && first is not null)
        {
            age += $" (x{count} over {Age.Of(first, now)})";
        }

        return [.. withNamespace ? [e.Namespace() ?? ""] : Array.Empty<string>(), age, e.Text("type") ?? "", e.Text("reason") ?? "",
            $"{e.Text("involvedObject", "kind")}/{e.Text("involvedObject", "name")}", e.Text("message") ?? ""];
    }
}
