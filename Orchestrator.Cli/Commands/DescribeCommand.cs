using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc describe</c>.</summary>
internal static class DescribeCommand
{
    public static Command Create(Setup setup)
    {
        var what = Setup.Words("what", "TYPE [NAME...] or TYPE/NAME...").WithNames(setup);
        var labels = Setup.Text("Label selector, such as app=web", "selector", "--selector", "-l");
        var all = Setup.Switch("All namespaces", "--all-namespaces", "-A");
        return setup.Command("describe", "Shows details of objects, with their events.", [what, labels, all],
        [
            "orc describe pod web-1",
            "orc describe deploy/web",
            "orc describe pods -l app=web",
        ], async context =>
        {
            var isFirst = true;
            foreach (var (type, o) in await FindAsync(context, context.Get(what)!, context.Get(labels), context.Get(all)))
            {
                if (!isFirst)
                {
                    context.Out.WriteLine();
                }

                isFirst = false;
                context.Out.Write(new Describer(type, o, await EventsAsync(context, o), await RelatedAsync(context, type, o), context.Now).Describe());
            }

            return ExitCodes.Ok;
        });
    }

    private static async Task<List<(ResourceType Type, JsonObject Object)>> FindAsync(CommandContext context, string[] words, string? labels, bool isAll)
    {
        var found = new List<(ResourceType, JsonObject)>();
        foreach (var target in Target.Parse(words, await context.DiscoveryAsync()))
        {
            if (target.Name is not null)
            {
                found.Add((target.Type, await context.Client.GetAsync(context.PathOf(target), context.Cancellation)));
                continue;
            }

            var path = ApiClient.Query(target.Type.Path(isAll ? null : context.Namespace), ("labelSelector", labels));
            found.AddRange((await context.Client.GetAsync(path, context.Cancellation)).Items("items").Select(o => (target.Type, o)));
        }

        if (found.Count == 0)
        {
            context.Io.Error.WriteLine(isAll ? "No resources found" : $"No resources found in {context.Namespace} namespace.");
        }

        return found;
    }

    private static async Task<IReadOnlyList<JsonObject>> EventsAsync(CommandContext context, JsonObject o)
    {
        var type = (await context.DiscoveryAsync()).OfManifest("v1", "Event");
        var list = await context.Client.GetAsync(
            ApiClient.Query(type.Path(o.Namespace() ?? "default"), ("fieldSelector", $"involvedObject.uid={o.Uid()}")), context.Cancellation);
        return [.. list.Items("items").OrderBy(EventsCommand.Seen)];
    }

    private static async Task<IReadOnlyList<JsonObject>> RelatedAsync(CommandContext context, ResourceType type, JsonObject o)
    {
        var discovery = await context.DiscoveryAsync();
        switch (type.Kind)
        {
            case "Node":
                var pods = await context.Client.GetAsync(
                    ApiClient.Query(discovery.OfManifest("v1", "Pod").Path(null), ("fieldSelector", $"spec.nodeName={o.Name()}")), context.Cancellation);
                return [.. pods.Items("items").Where(p => p.Text("status", "phase") is not ("Succeeded" or "Failed"))];
            case "Deployment":
                var sets = await context.Client.GetAsync(discovery.OfManifest("apps/v1", "ReplicaSet").Path(o.Namespace()), context.Cancellation);
                return [.. sets.Items("items").Where(s => s.Items("metadata", "ownerReferences").Any(r => r.Text("uid") == o.Uid()))
                    .OrderBy(s => s.Number("metadata", "annotations", "deployment.kubernetes.io/revision") ?? 0)];
            default:
                return [];
        }
    }
}
