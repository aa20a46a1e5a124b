using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Commands.Creation;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc set resources</c>.</summary>
internal static class SetResources
{
    public static Command Create(Setup setup)
    {
        var words = Setup.Words("what", "TYPE/NAME... or TYPE NAME...").WithNames(setup);
        var resources = new ResourceOptions();
        var containers = SetCommand.Containers();
        var writeOptions = new WriteOptions(WriteOptions.Formats);
        return setup.Command("resources", "Sets requests and limits of containers.", [words, containers, .. resources.Options, .. writeOptions.Options],
        [
            "orc set resources deploy/web --requests=cpu=200m,memory=64Mi --limits=cpu=500m",
            "orc set resources deploy/web -c web --limits=memory=1Gi",
        ], async context =>
        {
            var (names, wanted) = (SetCommand.Names(context, containers), resources.Of(context));
            if (wanted.Count == 0)
            {
                throw new UsageException("Say what to set: --requests or --limits, such as --requests=cpu=200m,memory=64Mi.");
            }

            var patch = new ContainerPatch("resource requirements", names, (container, isInit) => Change(container, isInit, names, wanted));
            foreach (var target in Target.ParseNamed(context.Get(words)!, await context.DiscoveryAsync()))
            {
                await patch.ApplyAsync(writeOptions.Of(context), target);
            }

            return ExitCodes.Ok;
        });
    }

    private static JsonObject? Change(JsonObject container, bool isInit, string[] names, JsonObject wanted)
    {
        var next = WriteMode.Merged(container["resources"] as JsonObject, wanted);
        if (!(names.Length == 0 ? !isInit : names.Contains(container.Text("name"))) || JsonNode.DeepEquals(next, container["resources"]))
        {
            return null;
        }

        container["resources"] = next;
        return new JsonObject { ["resources"] = wanted.DeepClone() };
    }
}
