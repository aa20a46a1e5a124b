using System.CommandLine;
using Orchestrator.Cli.Manifests;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc create</c>.</summary>
internal static class CreateCommand
{
    public static Command Create(Setup setup)
    {
        var files = Setup.Files();
        files.Required = true;
        var dryRun = ApplyCommand.DryRun();
        var output = ApplyCommand.Output();
        return setup.Command("create", "Creates the objects of manifests; those that are there already are errors.", [files, dryRun, output],
        [
            "orc create -f pod.yaml",
            "orc create -f - < job.yaml",
        ], async context =>
        {
            var manifests = await ManifestReader.ReadAsync(context.Get(files)!, context);
            return await ApplyCommand.EachAsync(context, manifests, context.Get(dryRun) ?? "none", context.Get(output), async (c, m, dry) =>
                ("created", dry == "client" ? m.Object : await c.Client.PostAsync(ApplyCommand.Server(m.Collection, dry), m.Object, c.Cancellation)));
        });
    }
}
