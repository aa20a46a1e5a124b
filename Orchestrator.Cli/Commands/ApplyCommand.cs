using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Manifests;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc apply</c>: creates or updates objects from manifests.</summary>
internal static class ApplyCommand
{
    private const int Attempts = 5;

    public static Command Create(Setup setup)
    {
        var files = Setup.Files();
        files.Required = true;
        var writeOptions = new WriteOptions(WriteOptions.Formats, hasFields: true);
        return setup.Command("apply", "Creates or updates objects from manifests.", [files, .. writeOptions.Options],
        [
            "orc apply -f web.yaml",
            "orc apply -f manifests/ -f secret.yaml     # directories and several files",
            "kustomize build . | orc apply -f -         # from standard input",
            "orc apply -f web.yaml --dry-run=server     # what would happen",
        ], async context =>
        {
            var manifests = await ManifestReader.ReadAsync(context.Get(files)!, context);
            var published = new MergeRulesReader(context.Client);
            return await EachAsync(context, manifests, writeOptions.Of(context), (manifest, mode) => ApplyAsync(manifest, mode, published));
        });
    }

    /// <summary>Processes every manifest; the others are processed even if one fails.</summary>
    public static async Task<int> EachAsync(CommandContext context, IReadOnlyList<Manifest> manifests, WriteMode mode,
        Func<Manifest, WriteMode, Task<(string What, JsonObject Object)>> act)
    {
        var code = ExitCodes.Ok;
        foreach (var manifest in manifests)
        {
            try
            {
                var (what, result) = await act(manifest, mode);
                mode.Say(manifest.Type, result, what);
            }
            catch (ApiFailure e)
            {
                context.Io.Error.WriteLine($"{e.Message}{(manifest.Source is { } source ? $" (in {source})" : "")}");
                code = ExitCodes.Failed;
            }
        }

        return code;
    }

    private static async Task<(string, JsonObject)> ApplyAsync(Manifest manifest, WriteMode mode, MergeRulesReader published)
    {
        var context = mode.Context;
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
                    return ("created", mode.IsClient ? wanted : await context.Client.PostAsync(mode.Path(manifest.Collection), wanted, context.Cancellation));
                }

                var (rules, patchType) = await published.ReadAsync(manifest.Type, context.Cancellation);
                var patch = ThreeWayPatch.Compute(LastApplied.Of(live), wanted, live, rules);
                return patch.Count == 0 ? ("unchanged", live) : ("configured", mode.IsClient ? live
                    : await context.Client.PatchAsync(mode.Path(manifest.Path), patch, context.Cancellation, patchType));
            }
            catch (ApiFailure e) when (attempt < Attempts && (e.Reason == "Conflict" || (live is null && e.Reason == "AlreadyExists")))
            {
                // Changed in between: compare with the new version.
            }
        }
    }
}
