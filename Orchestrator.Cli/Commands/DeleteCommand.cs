using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Manifests;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc delete</c>.</summary>
internal static class DeleteCommand
{
    private sealed record Deletion(ResourceType Type, string Path, string Name, string? Namespace);

    public static Command Create(Setup setup)
    {
        var what = Setup.Words("what", "TYPE NAME... or TYPE/NAME...", isRequired: false).WithNames(setup);
        var files = Setup.Files();
        var selection = new SelectionOptions();
        var grace = Setup.Number("Grace period in seconds (default: that of the pod)", "seconds", "--grace-period");
        var now = Setup.Switch("Grace period of one second", "--now");
        var force = Setup.Switch("Kill containers immediately, without a grace period", "--force");
        var cascade = new Option<string?>("--cascade") { Description = "Deletion of dependents: background, foreground or orphan", HelpName = "how" };
        cascade.AcceptOnlyFromAmong("background", "foreground", "orphan");
        var wait = new Option<bool>("--wait") { Description = "Wait until the objects are deleted", DefaultValueFactory = _ => true };
        var timeout = Setup.Bound("How long to wait", "5m");
        var ignore = Setup.Switch("Succeed if an object does not exist", "--ignore-not-found");
        var writeOptions = new WriteOptions(["name"]);
        return setup.Command("delete", "Deletes objects.", [what, files, selection.Labels, selection.All, grace, now, force, cascade, wait, timeout, ignore, .. writeOptions.Options],
        [
            "orc delete pod web-1 web-2",
            "orc delete -f web.yaml",
            "orc delete deploy,rs -l app=web",
            "orc delete deploy/web --cascade=orphan   # keeps its pods",
            "orc delete pod web-1 --force             # without grace",
            "orc delete deploy/web --dry-run=client   # what would go",
        ], async context =>
        {
            var options = new JsonObject
            {
                ["kind"] = "DeleteOptions",
                ["apiVersion"] = "v1",
                ["propagationPolicy"] = context.Get(cascade) switch { "foreground" => "Foreground", "orphan" => "Orphan", _ => "Background" },
            };
            if ((context.Get(force) ? 0 : context.Get(now) ? 1 : context.Get(grace) is >= 0 and var g ? g : (long?)null) is { } seconds)
            {
                options["gracePeriodSeconds"] = seconds;
            }

            var doomed = await FindAsync(context, context.Get(what) ?? [], context.Get(files) ?? [], selection);
            var mode = writeOptions.Of(context);
            return await DeleteAsync(mode, doomed, options, context.Get(ignore) || context.Get(selection.All) || context.Get(selection.Labels) is not null,
                context.Get(wait) && mode.DryRun == "none" ? context.Get(timeout) : null, context.Get(force));
        });
    }

    private static async Task<IReadOnlyList<Deletion>> FindAsync(CommandContext context, string[] words, string[] files, SelectionOptions selection)
    {
        if (files.Length > 0)
        {
            return words.Length == 0
                ? [.. (await ManifestReader.ReadAsync(files, context)).Reverse().Select(m => new Deletion(m.Type, m.Path, m.Name, m.Namespace))]
                : throw new UsageException("Specify either names or --filename.");
        }

        var targets = Target.Parse(words, await context.DiscoveryAsync());
        return targets.All(t => t.Name is not null) && context.Get(selection.Labels) is null && !context.Get(selection.All)
            ? [.. targets.Select(t => new Deletion(t.Type, context.PathOf(t), t.Name!, t.Type.IsNamespaced ? context.Namespace : null))]
            : [.. (await selection.FindAsync(context, words)).Select(f =>
                new Deletion(f.Type, f.Type.Path(f.Object.Namespace(), f.Object.Name()), f.Object.Name(), f.Object.Namespace()))];
    }

    private static async Task<int> DeleteAsync(WriteMode mode, IReadOnlyList<Deletion> doomed, JsonObject options, bool ignoresMissing, TimeSpan? wait, bool isForced)
    {
        var context = mode.Context;
        var code = ExitCodes.Ok;
        var leaving = new List<(Deletion What, string Uid)>();
        foreach (var one in doomed)
        {
            try
            {
                var answer = mode.IsClient ? null : await context.Client.DeleteAsync(mode.Path(one.Path), options, context.Cancellation);
                context.Out.WriteLine(mode.Output is null ? $"{one.Type.Display} \"{one.Name}\" {(isForced ? "force " : "")}deleted{mode.Suffix}" : $"{one.Type.Display}/{one.Name}");
                if (answer is not null && answer.Text("kind") != "Status")
                {
                    leaving.Add((one, answer.Uid()));
                }
            }
            catch (ApiFailure e) when (e.Code == 404 && ignoresMissing)
            {
                // Already deleted.
            }
            catch (ApiFailure e)
            {
                context.Io.Error.WriteLine(e.Message);
                code = ExitCodes.Failed;
            }
        }

        if (wait is { } bound && leaving.Count > 0)
        {
            await Polling.UntilAsync(context, $"Waiting for {leaving.Count} object{(leaving.Count == 1 ? "" : "s")} to be gone", bound, () => MissingAsync(context, leaving),
                "see its finalizers and its node with 'orc describe', or delete pods with --force.");
        }

        return code;
    }

    private static async Task<string?> MissingAsync(CommandContext context, List<(Deletion What, string Uid)> leaving)
    {
        while (leaving.Count > 0)
        {
            var (what, uid) = leaving[0];
            var live = await context.Client.FindAsync(what.Path, context.Cancellation);
            if (live is not null && live.Uid() == uid)
            {
                var finalizers = string.Join(", ", (live.At("metadata", "finalizers") as JsonArray ?? []).Select(f => f.Text()));
                return $"for {what.Type.Singular} \"{what.Name}\" to be gone{(finalizers.Length > 0 ? $" (finalizers: {finalizers})" : "")}";
            }

            leaving.RemoveAt(0);
        }

        return null;
    }
}
