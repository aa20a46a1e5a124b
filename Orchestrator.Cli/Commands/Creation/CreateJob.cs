using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary><c>orc create job</c>.</summary>
internal static class CreateJob
{
    public static Command Create(Creator creator)
    {
        var container = new ContainerOptions(isImageRequired: false);
        var from = Setup.Text("Run a cron job now: cronjob/NAME, in place of --image", "what", "--from");
        return creator.Of(("job", null), "Creates a job of one pod.", [from, .. container.Symbols],
        [
            "orc create job report --image=busybox -- sh -c 'echo done'",
            "orc create job report --image=busybox --requests=cpu=500m -- sleep 30",
            "orc create job nightly-now --from=cronjob/nightly",
        ], async (context, name) => (context.Get(from), container.Image(context)) switch
        {
            ({ } source, null) => await FromAsync(context, name, source),
            (null, not null) => Draft.Of("batch/v1", "Job", name, ("spec", new JsonObject
            {
                ["template"] = ContainerOptions.Template(container.Of(context, name), restart: "Never"),
            })),
            _ => throw new UsageException("Say what the job runs: either --image=IMAGE or --from=cronjob/NAME."),
        });
    }

    private static async Task<JsonObject> FromAsync(CommandContext context, string name, string source)
    {
        if (Target.ParseNamed([source], await context.DiscoveryAsync()) is not [{ Type.Kind: "CronJob" } target])
        {
            throw new UsageException($"--from takes a cron job, not {source}: write it as --from=cronjob/NAME.");
        }

        // An owner and this annotation make it a job of the cron job (Kubernetes, "CronJob").
        var cron = await context.Client.GetAsync(context.PathOf(target), context.Cancellation);
        var job = Draft.Of("batch/v1", "Job", name, ("spec", cron.At("spec", "jobTemplate", "spec")?.DeepClone()));
        var annotations = new JsonObject { ["cronjob.kubernetes.io/instantiate"] = "manual" };
        foreach (var (key, value) in cron.Fields("spec", "jobTemplate", "metadata", "annotations"))
        {
            annotations[key] = value?.DeepClone();
        }

        job["metadata"] = Draft.Fields(
            ("name", name),
            ("annotations", annotations),
            ("labels", cron.At("spec", "jobTemplate", "metadata", "labels")?.DeepClone()),
            ("ownerReferences", new JsonArray(new JsonObject
            {
                ["apiVersion"] = target.Type.ApiVersion, ["kind"] = target.Type.Kind, ["name"] = cron.Name(), ["uid"] = cron.Uid(), ["controller"] = true,
            })));
        return job;
    }
}
