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
        var dryRun = ApplyCommand.DryRun();
        var output = ApplyCommand.Output();
        return setup.Command("create", "Creates objects; those that are there already are errors.", [files, dryRun, output, Namespace(setup), Deployment(setup)],
        [
            "orc create -f pod.yaml",
            "orc create -f - < job.yaml",
            "orc create namespace shop",
            "orc create deployment web --image=orchestrator/sample:1 --replicas=3",
        ], async context =>
        {
            var paths = context.Get(files) is { Length: > 0 } given ? given : throw new UsageException("Say what to create: --filename, or a type such as 'orc create namespace NAME'.");
            return await PostAsync(context, await ManifestReader.ReadAsync(paths, context), context.Get(dryRun), context.Get(output));
        });
    }

    private static Task<int> PostAsync(CommandContext context, IReadOnlyList<Manifest> manifests, string? dryRun, string? output) =>
        ApplyCommand.EachAsync(context, manifests, dryRun ?? "none", output, async (c, m, dry) =>
            ("created", dry == "client" ? m.Object : await c.Client.PostAsync(ApplyCommand.Server(m.Collection, dry), m.Object, c.Cancellation)));

    private static Command Namespace(Setup setup)
    {
        var (name, dryRun, output) = (new Argument<string>("name") { Description = "Its name" }, ApplyCommand.DryRun(), ApplyCommand.Output());
        var command = setup.Command("namespace", "Creates a namespace.", [name, dryRun, output], ["orc create namespace shop"], context => MakeAsync(context, new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["name"] = context.Get(name) },
        }, context.Get(dryRun), context.Get(output)));
        command.Aliases.Add("ns");
        return command;
    }

    private static Command Deployment(Setup setup)
    {
        var (name, dryRun, output) = (new Argument<string>("name") { Description = "Its name" }, ApplyCommand.DryRun(), ApplyCommand.Output());
        var image = new Option<string>("--image") { Description = "Image of its container", HelpName = "image", Required = true };
        var replicas = new Option<int>("--replicas", "-r") { Description = "How many pods", HelpName = "count", DefaultValueFactory = _ => 1 };
        var port = new Option<int?>("--port") { Description = "Port of the container", HelpName = "number" };
        var command = setup.Command("deployment", "Creates a deployment of one container.", [name, image, replicas, port, dryRun, output],
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
                        ["replicas"] = context.Get(replicas),
                        ["selector"] = new JsonObject { ["matchLabels"] = labels.DeepClone() },
                        ["template"] = new JsonObject
                        {
                            ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() },
                            ["spec"] = new JsonObject { ["containers"] = new JsonArray(container) },
                        },
                    },
                }, context.Get(dryRun), context.Get(output));
            });
        command.Aliases.Add("deploy");
        return command;
    }

    /// <summary>A container's name out of its image: <c>sample</c> of <c>orchestrator/sample:1</c>.</summary>
    public static string Container(string image) => image.Split('@')[0].Split('/')[^1].Split(':')[0].ToLowerInvariant().Replace('_', '-').Replace('.', '-');

    private static async Task<int> MakeAsync(CommandContext context, JsonObject o, string? dryRun, string? output)
    {
        var manifest = ManifestReader.Place(o, "the command line", await context.DiscoveryAsync(), context.NamespaceOption, () => context.Namespace);
        return await PostAsync(context, [manifest], dryRun, output);
    }
}
