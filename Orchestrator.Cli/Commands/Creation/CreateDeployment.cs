using System.CommandLine;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary><c>orc create deployment</c>.</summary>
internal static class CreateDeployment
{
    public static Command Create(Creator creator)
    {
        var container = new ContainerOptions();
        var replicas = Setup.Number("Number of pods (default: 1)", "count", "--replicas", "-r");
        return creator.Of(("deployment", "deploy"), "Creates a deployment of one container.", [replicas, .. container.Symbols],
        [
            "orc create deployment web --image=orchestrator/sample:1 --replicas=3",
            "orc create deployment web --image=orchestrator/sample:1 --requests=cpu=200m --port=80",
            "orc create deployment busy --image=busybox -- sleep 3600",
            "orc create deployment web --image=orchestrator/sample:1 --dry-run=client -o yaml",
        ], (context, name) =>
        {
            var labels = new JsonObject { ["app"] = name };
            var deployment = Draft.Of("apps/v1", "Deployment", name, ("spec", Draft.Fields(
                ("replicas", context.Get(replicas) ?? 1),
                ("selector", new JsonObject { ["matchLabels"] = labels.DeepClone() }),
                ("template", ContainerOptions.Template(container.Of(context), labels)))));
            deployment["metadata"]!["labels"] = labels;
            return deployment;
        });
    }
}
