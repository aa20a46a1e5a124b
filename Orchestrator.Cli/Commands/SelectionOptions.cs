using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary>Options that select objects by name, by label or all of a type.</summary>
internal sealed class SelectionOptions
{
    public Option<string?> Labels { get; } = Setup.Text("Label selector, such as app=web", "selector", "--selector", "-l");

    public Option<bool> All { get; } = Setup.Switch("All objects of the type in the namespace", "--all");

    public async Task<IReadOnlyList<(ResourceType Type, JsonObject Object)>> FindAsync(CommandContext context, IReadOnlyList<string> words, string? fields = null)
    {
        var targets = Target.Parse(words, await context.DiscoveryAsync());
        var (labels, isAll) = (context.Get(Labels), context.Get(All));
        if (targets.All(t => t.Name is not null))
        {
            return labels is null && !isAll ? await NamedAsync(context, targets)
                : throw new UsageException("Names cannot be combined with --selector or --all: use one of them.");
        }

        if (labels is null && !isAll)
        {
            throw new UsageException("No objects selected: specify names, --selector or --all.");
        }

        var found = new List<(ResourceType, JsonObject)>();
        foreach (var target in targets)
        {
            var list = await context.Client.GetAsync(
                ApiClient.Query(target.Type.Path(context.Namespace), ("labelSelector", labels), ("fieldSelector", fields)), context.Cancellation);
            found.AddRange(list.Items("items").Select(o => (target.Type, o)));
        }

        if (found.Count == 0)
        {
            context.Io.Error.WriteLine("No resources found");
        }

        return found;
    }

    private static async Task<IReadOnlyList<(ResourceType, JsonObject)>> NamedAsync(CommandContext context, IReadOnlyList<Target> targets)
    {
        var found = new List<(ResourceType, JsonObject)>();
        foreach (var target in targets)
        {
            found.Add((target.Type, await context.Client.GetAsync(context.PathOf(target), context.Cancellation)));
        }

        return found;
    }
}
