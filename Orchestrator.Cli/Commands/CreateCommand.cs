using System.CommandLine;
using Orchestrator.Cli.Commands.Creation;
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

        var creator = new Creator(setup, writeOptions);
        Command[] types =
        [
            CreateNamespace.Create(creator), CreateDeployment.Create(creator), CreateJob.Create(creator), CreateCronJob.Create(creator),
            CreateConfigMap.Create(creator), CreateSecret.Create(creator), CreateServiceAccount.Create(creator), CreateQuota.Create(creator),
            CreatePriorityClass.Create(creator), CreateDisruptionBudget.Create(creator),
        ];
        return setup.Command("create", "Creates objects; fails for objects that exist.", [files, .. writeOptions.Options, .. types],
        [
            "orc create -f pod.yaml",
            "orc create -f - < configmap.yaml",
            "orc create namespace shop",
            "orc create deployment web --image=orchestrator/sample:1 --replicas=3",
        ], async context =>
        {
            var paths = context.Get(files) is { Length: > 0 } given ? given : throw new UsageException("Nothing to create: specify --filename, or a type such as 'orc create namespace NAME'.");
            return await Draft.SendAsync(context, writeOptions.Of(context), await ManifestReader.ReadAsync(paths, context));
        });
    }
}
