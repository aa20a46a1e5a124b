using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc cordon</c> and <c>orc uncordon</c>.</summary>
internal static class NodeCommands
{
    public static Command CreateCordon(Setup setup) => Create(setup, "cordon", "Marks nodes as unschedulable.", true);

    public static Command CreateUncordon(Setup setup) => Create(setup, "uncordon", "Marks nodes as schedulable.", false);

    /// <summary>Parses node arguments: names, or <c>node/NAME</c>.</summary>
    public static async Task<IReadOnlyList<Target>> TargetsAsync(CommandContext context, string[] words)
    {
        var discovery = await context.DiscoveryAsync();
        var type = discovery.OfManifest("v1", "Node");
        return [.. words.Select(w => new Target(type, w.Contains('/', StringComparison.Ordinal) ? Target.ParseNamed([w], discovery)[0].Name : w))];
    }

    public static async Task CordonAsync(WriteMode mode, Target node, bool isCordon)
    {
        var context = mode.Context;
        var path = context.PathOf(node);
        var live = await context.Client.GetAsync(path, context.Cancellation);
        var isNow = live.Flag("spec", "unschedulable");
        if (isNow != isCordon)
        {
            await mode.PatchAsync(path, live, new JsonObject { ["spec"] = new JsonObject { ["unschedulable"] = isCordon ? true : null } });
        }

        mode.Say(node.Type, live, $"{(isNow == isCordon ? "already " : "")}{(isCordon ? "cordoned" : "uncordoned")}");
    }

    private static Command Create(Setup setup, string verb, string description, bool isCordon)
    {
        var nodes = Setup.Words("node", "Names of nodes").WithNames(setup, "nodes");
        var writeOptions = new WriteOptions([]);
        return setup.Command(verb, description, [nodes, .. writeOptions.Options], [$"orc {verb} n1"], async context =>
        {
            foreach (var node in await TargetsAsync(context, context.Get(nodes)!))
            {
                await CordonAsync(writeOptions.Of(context), node, isCordon);
            }

            return ExitCodes.Ok;
        });
    }
}
