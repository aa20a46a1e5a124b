using System.CommandLine;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary><c>orc create cronjob</c>.</summary>
internal static class CreateCronJob
{
    public static Command Create(Creator creator)
    {
        var container = new ContainerOptions();
        var schedule = new Option<string>("--schedule") { Description = "When it runs, such as '0 3 * * *'", HelpName = "schedule", Required = true };
        var restart = Setup.Text("OnFailure (default) or Never", "policy", "--restart");
        restart.AcceptOnlyFromAmong("OnFailure", "Never");
        return creator.Of(("cronjob", "cj"), "Creates a cron job of one pod.", [schedule, restart, .. container.Symbols],
            ["orc create cronjob nightly --image=busybox --schedule='0 3 * * *' -- sh -c 'echo good night'"], (context, name) =>
                Draft.Of("batch/v1", "CronJob", name, ("spec", new JsonObject
                {
                    ["schedule"] = context.Get(schedule),
                    ["jobTemplate"] = new JsonObject
                    {
                        ["spec"] = new JsonObject { ["template"] = ContainerOptions.Template(container.Of(context, name), restart: context.Get(restart) ?? "OnFailure") },
                    },
                })));
    }
}
