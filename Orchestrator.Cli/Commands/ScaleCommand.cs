using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc scale</c>.</summary>
internal static class ScaleCommand
{
    public static Command Create(Setup setup)
    {
        var what = Setup.Words("what", "TYPE NAME... or TYPE/NAME...").WithNames(setup);
        var replicas = new Option<int>("--replicas") { Description = "Desired number of pods", Required = true, HelpName = "count" };
        replicas.Validators.Add(r =>
        {
            if (r.Tokens is [var token] && !(int.TryParse(token.Value, out var count) && count >= 0))
            {
                r.AddError("--replicas is a whole number of at least 0");
            }
        });
        var current = Setup.Number("Scale only if this is the current number", "count", "--current-replicas");
        var writeOptions = new WriteOptions(WriteOptions.Formats);
        return setup.Command("scale", "Sets the number of pods of a deployment or replica set.", [what, replicas, current, .. writeOptions.Options],
        [
            "orc scale deploy/web --replicas=5",
            "orc scale deploy web api --replicas=0",
        ], async context =>
        {
            var mode = writeOptions.Of(context);
            var patch = new JsonObject { ["spec"] = new JsonObject { ["replicas"] = context.Get(replicas) } };
            foreach (var target in Target.ParseNamed(context.Get(what)!, await context.DiscoveryAsync()))
            {
                var path = context.PathOf(target) + "/scale";
                if (context.Get(current) is { } expected && (await context.Client.GetAsync(path, context.Cancellation)).Number("spec", "replicas") is var found && found != expected)
                {
                    throw new CliException($"{target.Type.Display}/{target.Name} has {found} replicas, not {expected}: it was not changed.");
                }

                if (!mode.IsClient)
                {
                    await context.Client.PatchAsync(mode.Path(path), patch, context.Cancellation);
                }

                // The scale subresource returns a Scale, but the object itself is printed.
                var o = mode is { DryRun: "none", Output: null or "name" } ? new JsonObject { ["metadata"] = new JsonObject { ["name"] = target.Name } }
                    : WriteMode.Merged(await context.Client.GetAsync(context.PathOf(target), context.Cancellation), patch);
                mode.Say(target.Type, o, "scaled");
            }

            return ExitCodes.Ok;
        });
    }
}
