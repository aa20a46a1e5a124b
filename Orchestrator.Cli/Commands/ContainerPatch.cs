using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary>Changes the containers of a pod, or of the template of a workload.</summary>
/// <param name="Field">What is changed, for the message.</param>
/// <param name="Names">The containers that must exist.</param>
/// <param name="Change">Changes a container in place, as far as it is meant, and returns the fields of the patch; null if nothing changes.</param>
internal sealed record ContainerPatch(string Field, IReadOnlyList<string> Names, Func<JsonObject, bool, JsonObject?> Change)
{
    private static readonly string[] Lists = ["containers", "initContainers"];

    /// <summary>Where objects of a type keep the spec of their pods.</summary>
    public static string[] PodSpec(ResourceType type) => type.Kind switch
    {
        "Pod" => ["spec"],
        "CronJob" => ["spec", "jobTemplate", "spec", "template", "spec"],
        _ => ["spec", "template", "spec"],
    };

    public async Task ApplyAsync(WriteMode mode, Target target)
    {
        var context = mode.Context;
        var path = context.PathOf(target);
        var o = await context.Client.GetAsync(path, context.Cancellation);
        var at = PodSpec(target.Type);
        if (!o.Items([.. at, "containers"]).Any())
        {
            throw new CliException($"{target.Type.Display}/{target.Name} has no containers: specify a pod or a workload such as deploy/web.");
        }

        var known = Lists.SelectMany(l => o.Items([.. at, l])).Select(c => c.Text("name") ?? "").ToList();
        if (Names.FirstOrDefault(n => !known.Contains(n)) is { } unknown)
        {
            throw new CliException($"{target.Type.Display}/{target.Name} has no container {unknown}: it has {string.Join(", ", known)}.");
        }

        var patch = new JsonObject();
        foreach (var list in Lists)
        {
            // What is changed in place is the result of a client dry run.
            var changed = o.Items([.. at, list]).Select(c => (Container: c, Fields: Change(c, list == "initContainers"))).Where(c => c.Fields is not null).ToList();
            if (changed.Count > 0)
            {
                patch[list] = new JsonArray([.. changed.Select(c => WriteMode.Merged(new JsonObject { ["name"] = c.Container.Text("name") }, c.Fields!))]);
            }
        }

        if (patch.Count > 0 && !mode.IsClient)
        {
            var whole = at.Reverse().Aggregate(patch, (inner, name) => new JsonObject { [name] = inner });
            o = await context.Client.PatchAsync(mode.Path(path), whole, context.Cancellation, ApiClient.StrategicMergePatch);
        }

        mode.Say(target.Type, o, $"{Field} {(patch.Count > 0 ? "updated" : "unchanged")}");
    }
}
