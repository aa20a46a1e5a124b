using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Manifests;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc create</c>.</summary>
internal static class CreateCommand
{
    public static Command Create(Setup setup)
    {
        var files = Setup.Files();
        // The options are accepted before and after the type.
        var writeOptions = new WriteOptions(WriteOptions.Formats, hasFields: true);
        foreach (var option in writeOptions.Options)
        {
            option.Recursive = true;
        }

        return setup.Command("create", "Creates objects; fails for objects that exist.", [files, .. writeOptions.Options, Namespace(setup, writeOptions), Deployment(setup, writeOptions)],
        [
            "orc create -f pod.yaml",
            "orc create -f - < configmap.yaml",
            "orc create namespace shop",
            "orc create deployment web --image=orchestrator/sample:1 --replicas=3",
        ], async context =>
        {
            var paths = context.Get(files) is { Length: > 0 } given ? given : throw new UsageException("Nothing to create: specify --filename, or a type such as 'orc create namespace NAME'.");
            return await PostAsync(context, await ManifestReader.ReadAsync(paths, context), writeOptions.Of(context));
        });
    }

    private static Task<int> PostAsync(CommandContext context, IReadOnlyList<Manifest> manifests, WriteMode mode) =>
        ApplyCommand.EachAsync(context, manifests, mode, async (m, how) =>
            ("created", how.IsClient ? m.Object : await context.Client.PostAsync(how.Path(m.Collection), m.Object, context.Cancellation)));

    private static Command Namespace(Setup setup, WriteOptions writeOptions)
    {
        var name = new Argument<string>("name") { Description = "Its name" };
        var command = setup.Command("namespace", "Creates a namespace.", [name], ["orc create namespace shop"], context => MakeAsync(context, new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["name"] = context.Get(name) },
        }, writeOptions.Of(context)));
        command.Aliases.Add("ns");
        return command;
    }

    private static Command Deployment(Setup setup, WriteOptions writeOptions)
    {
        var name = new Argument<string>("name") { Description = "Its name" };
        var image = new Option<string>("--image") { Description = "Image of the container", HelpName = "image", Required = true };
        var replicas = Setup.Number("Number of pods (default: 1)", "count", "--replicas", "-r");
        var port = Setup.Number("Port of the container", "number", "--port");
        var command = setup.Command("deployment", "Creates a deployment of one container.", [name, image, replicas, port],
            ["orc create deployment web --image=orchestrator/sample:1 --replicas=3", "orc create deployment web --image=orchestrator/sample:1 --dry-run=client -o yaml"], context =>
            {
                var labels = new JsonObject { ["app"] = context.Get(name) };
                var container = new JsonObject { ["name"] = Container(context.Get(image)!), ["image"] = context.Get(image) };
                if (context.Get(port) is { } number)
                {
                    container["ports"] = new JsonArray(new JsonObject { ["containerPort"] = number });
                }

                return MakeAsync(context, new JsonObject
                {
                    ["apiVersion"] = "apps/v1",
                    ["kind"] = "Deployment",
                    ["metadata"] = new JsonObject { ["name"] = context.Get(name), ["labels"] = labels },
                    ["spec"] = new JsonObject
                    {
                        ["replicas"] = context.Get(replicas) ?? 1,
                        ["selector"] = new JsonObject { ["matchLabels"] = labels.DeepClone() },
                        ["template"] = new JsonObject
                        {
                            ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() },
                            ["spec"] = new JsonObject { ["containers"] = new JsonArray(container) },
                        },
                    },
                }, writeOptions.Of(context));
            });
        command.Aliases.Add("deploy");
        return command;
    }

    /// <summary>Derives the name of a container from its image: <c>sample</c> of <c>orchestrator/sample:1</c>.</summary>
    public static string Container(string image) => image.Split('@')[0].Split('/')[^1].Split(':')[0].ToLowerInvariant().Replace('_', '-').Replace('.', '-');

    private static async Task<int> MakeAsync(CommandContext context, JsonObject o, WriteMode mode)
    {
        var manifest = ManifestReader.Place(o, null, await context.DiscoveryAsync(), context.NamespaceOption, () => context.Namespace);
        return await PostAsync(context, [manifest], mode);
    }
}
