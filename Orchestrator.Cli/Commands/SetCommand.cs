using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc set image</c>.</summary>
internal static class SetCommand
{
    public static Command Create(Setup setup)
    {
        var words = Setup.Words("what", "TYPE/NAME or TYPE NAME, then CONTAINER=IMAGE... (*=IMAGE for all containers)").WithNames(setup);
        var writeOptions = new WriteOptions(WriteOptions.Formats);
        var image = setup.Command("image", "Sets the images of containers.", [words, .. writeOptions.Options],
        [
            "orc set image deploy/web web=orchestrator/sample:2",
            "orc set image deploy/web '*=orchestrator/sample:2'",
        ], async context =>
        {
            const string form = "Say which image: CONTAINER=IMAGE, such as web=orchestrator/sample:2, or *=IMAGE for all containers.";
            var (names, images) = LabelCommand.Split(context.Get(words)!, form);
            if (images.Any(i => i.Value.Text() is null or ""))
            {
                throw new UsageException(form);
            }

            foreach (var target in Target.ParseNamed(names, await context.DiscoveryAsync()))
            {
                await SetImageAsync(writeOptions.Of(context), target, images);
            }

            return ExitCodes.Ok;
        });
        return setup.Command("set", "Changes a field of objects.", [image], ["orc set image deploy/web web=orchestrator/sample:2"]);
    }

    private static async Task SetImageAsync(WriteMode mode, Target target, JsonObject images)
    {
        var context = mode.Context;
        var path = context.PathOf(target);
        var o = await context.Client.GetAsync(path, context.Cancellation);
        string[] at = target.Type.Kind == "Pod" ? ["spec"] : ["spec", "template", "spec"];
        var patch = new JsonObject();
        foreach (var list in (string[])["containers", "initContainers"])
        {
            var containers = o.Items([.. at, list]).ToList();
            var changed = containers.Select(c => (Container: c, Image: images.Text(c.Text("name") ?? "") ?? (list == "containers" ? images.Text("*") : null)))
                .Where(c => c.Image is not null && c.Image != c.Container.Text("image")).ToList();
            if (changed.Count > 0)
            {
                patch[list] = new JsonArray([.. changed.Select(c => new JsonObject { ["name"] = c.Container.Text("name"), ["image"] = c.Image })]);
            }

            // Result of a client dry run.
            changed.ForEach(c => c.Container["image"] = c.Image);
        }

        var known = o.Items([.. at, "containers"]).Concat(o.Items([.. at, "initContainers"])).Select(c => c.Text("name")).ToList();
        if (images.Select(i => i.Key).FirstOrDefault(n => n != "*" && !known.Contains(n)) is { } unknown)
        {
            throw new CliException($"{target.Type.Display}/{target.Name} has no container {unknown}: it has {string.Join(", ", known)}.");
        }

        if (patch.Count > 0 && !mode.IsClient)
        {
            var whole = at.Reverse().Aggregate(patch, (inner, name) => new JsonObject { [name] = inner });
            o = await context.Client.PatchAsync(mode.Path(path), whole, context.Cancellation, ApiClient.StrategicMergePatch);
        }

        mode.Say(target.Type, o, $"image {(patch.Count > 0 ? "updated" : "unchanged")}");
    }
}
