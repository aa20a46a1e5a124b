using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Manifests;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc apply</c>: makes objects be as manifests say.</summary>
internal static class ApplyCommand
{
    private const int Attempts = 5;

    public static Command Create(Setup setup)
    {
        var files = Setup.Files();
        files.Required = true;
        var dryRun = DryRun();
        var output = Output();
        return setup.Command("apply", "Creates or changes objects so that they are as manifests say.", [files, dryRun, output],
        [
            "orc apply -f web.yaml",
            "orc apply -f manifests/ -f secret.yaml     # directories and several files",
            "kustomize build . | orc apply -f -         # from standard input",
            "orc apply -f web.yaml --dry-run=server     # what would happen",
        ], async context =>
        {
            var manifests = await ManifestReader.ReadAsync(context.Get(files)!, context);
            return await EachAsync(context, manifests, context.Get(dryRun) ?? "none", context.Get(output), ApplyAsync);
        });
    }

    public static Option<string?> DryRun()
    {
        var option = new Option<string?>("--dry-run") { Description = "client or server: only say what would happen", HelpName = "where" };
        option.AcceptOnlyFromAmong("none", "client", "server");
        return option;
    }

    public static Option<string?> Output() => new Option<string?>("--output", "-o") { Description = "Print the resulting objects: json, yaml or name", HelpName = "format" }
        .AcceptOnlyFromAmong("json", "yaml", "name");

    /// <summary>Does something with every manifest; one that fails does not keep the others.</summary>
    public static async Task<int> EachAsync(CommandContext context, IReadOnlyList<Manifest> manifests, string dryRun, string? output,
        Func<CommandContext, Manifest, string, Task<(string What, JsonObject Object)>> act)
    {
        var code = ExitCodes.Ok;
        foreach (var manifest in manifests)
        {
            try
            {
                var (what, result) = await act(context, manifest, dryRun);
                var named = manifest with { Object = result };
                if (output is not null)
                {
                    ObjectPrinter.Print(context.Out, output, [(manifest.Type, result)], isList: false);
                }
                else
                {
                    context.Out.WriteLine($"{named.Display} {what}{(dryRun == "none" ? "" : $" ({dryRun} dry run)")}");
                }
            }
            catch (ApiFailure e)
            {
                context.Io.Error.WriteLine($"{e.Message} (in {manifest.Source})");
                code = ExitCodes.Failed;
            }
        }

        return code;
    }

    private static async Task<(string, JsonObject)> ApplyAsync(CommandContext context, Manifest manifest, string dryRun)
    {
        if (manifest.Name.Length == 0)
        {
            throw new CliException($"{manifest.Source} has a {manifest.Type.Kind} without metadata.name: give it one, or use 'orc create' with generateName.");
        }

        var wanted = LastApplied.Annotated(manifest.Object);
        for (var attempt = 1; ; attempt++)
        {
            var live = await context.Client.FindAsync(manifest.Path, context.Cancellation);
            try
            {
                if (live is null)
                {
                    return ("created", dryRun == "client" ? wanted : await context.Client.PostAsync(Server(manifest.Collection, dryRun), wanted, context.Cancellation));
                }

                var patch = ThreeWayPatch.Compute(LastApplied.Of(live), wanted, live);
                return patch.Count == 0 ? ("unchanged", live) : ("configured", dryRun == "client" ? live
                    : await context.Client.PatchAsync(Server(manifest.Path, dryRun), patch, context.Cancellation, ApiClient.StrategicMergePatch));
            }
            catch (ApiFailure e) when (attempt < Attempts && (e.Reason == "Conflict" || (live is null && e.Reason == "AlreadyExists")))
            {
                // Someone wrote in between: compare with what they wrote.
            }
        }
    }

    public static string Server(string path, string dryRun) => ApiClient.Query(path, ("dryRun", dryRun == "server" ? "All" : null));
}
