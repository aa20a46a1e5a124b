using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc set image</c>.</summary>
internal static class SetImage
{
    public static Command Create(Setup setup)
    {
        var words = Setup.Words("what", "TYPE/NAME or TYPE NAME, then CONTAINER=IMAGE... (*=IMAGE for all containers)").WithNames(setup);
        var writeOptions = new WriteOptions(WriteOptions.Formats);
        return setup.Command("image", "Sets the images of containers.", [words, .. writeOptions.Options],
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

            var patch = new ContainerPatch("image", [.. images.Select(i => i.Key).Where(n => n != "*")], (container, isInit) => Change(container, isInit, images));
            foreach (var target in Target.ParseNamed(names, await context.DiscoveryAsync()))
            {
                await patch.ApplyAsync(writeOptions.Of(context), target);
            }

            return ExitCodes.Ok;
        });
    }

    private static JsonObject? Change(JsonObject container, bool isInit, JsonObject images)
    {
        var image = images.Text(container.Text("name") ?? "") ?? (isInit ? null : images.Text("*"));
        if (image is null || image == container.Text("image"))
        {
            return null;
        }

        container["image"] = image;
        return new JsonObject { ["image"] = image };
    }
}
