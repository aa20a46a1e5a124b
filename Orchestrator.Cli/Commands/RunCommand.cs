using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Commands.Creation;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc run</c>: a pod of one container, and with <c>--expose</c> a service for it.</summary>
internal static class RunCommand
{
    public static Command Create(Setup setup)
    {
        var name = new Argument<string>("name") { Description = "Name of the pod and its container" };
        var container = new ContainerOptions();
        var labels = Setup.Text("Labels of the pod (default: run=NAME)", "labels", "--labels", "-l");
        var restart = Setup.Text("Always (default), OnFailure or Never", "policy", "--restart");
        restart.AcceptOnlyFromAmong("Always", "OnFailure", "Never");
        var expose = Setup.Switch("Create a service for --port too", "--expose");
        var isCommand = Setup.Switch("The words after -- replace the command of the image, not only its arguments", "--command");
        var writeOptions = new WriteOptions(WriteOptions.Formats, hasFields: true);
        return setup.Command("run", "Runs an image in a pod.", [name, labels, restart, expose, isCommand, .. container.Symbols, .. writeOptions.Options],
        [
            "orc run web --image=orchestrator/sample:1 --requests=cpu=200m,memory=64Mi --limits=cpu=500m",
            "orc run web --image=orchestrator/sample:1 --port=80 --expose",
            "orc run once --image=busybox --restart=Never --env=LEVEL=debug --command -- sh -c 'echo $LEVEL'",
            "orc run web --image=orchestrator/sample:1 --requests=cpu=200m --dry-run=client -o yaml",
        ], async context =>
        {
            var (podName, port) = (context.Get(name)!, container.Port(context));
            if (context.Get(expose) && port is null)
            {
                throw new UsageException("--expose needs --port: the port of the container that the service forwards to.");
            }

            var all = Pairs.List(context.Get(labels), "--labels", "app=web,tier=front") ?? new JsonObject { ["run"] = podName };
            var pod = Draft.Of("v1", "Pod", podName, ("spec", Draft.Fields(
                ("containers", new JsonArray(container.Of(context, podName, context.Get(isCommand)))), ("restartPolicy", context.Get(restart)))));
            pod["metadata"]!["labels"] = all;
            JsonObject[] service = !context.Get(expose) ? [] : [Draft.Of("v1", "Service", podName, ("spec", new JsonObject
            {
                ["selector"] = all.DeepClone(),
                ["ports"] = new JsonArray(new JsonObject { ["port"] = port, ["targetPort"] = port }),
            }))];
            return await Draft.SendAsync(context, writeOptions.Of(context), [.. service, pod]);
        });
    }
}
