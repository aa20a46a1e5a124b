using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc rollout</c>: the revisions of deployments, daemon sets and stateful sets.</summary>
internal static class RolloutCommand
{
    private const string JsonPatch = "application/json-patch+json";
    private static readonly string[] Kinds = ["Deployment", "DaemonSet", "StatefulSet"];

    public static Command Create(Setup setup) => setup.Command("rollout", "Manages rollouts of deployments, daemon sets and stateful sets.",
        [Status(setup), History(setup), Undo(setup), Pause(setup, true), Pause(setup, false), Restart(setup)],
        ["orc rollout status deploy/web", "orc rollout restart ds/agent", "orc rollout undo sts/db"]);

    private static Command Status(Setup setup)
    {
        var what = Words(setup);
        var watch = new Option<bool>("--watch", "-w") { Description = "Wait until the rollout is complete", DefaultValueFactory = _ => true };
        var timeout = Setup.Bound("Timeout; 0 for none", "10m");
        return setup.Command("status", "Waits until a rollout is complete.", [what, watch, timeout],
            ["orc rollout status deploy/web", "orc rollout status deploy/web --timeout=2m", "orc rollout status ds/agent --watch=false"], async context =>
            {
                foreach (var target in await TargetsAsync(context, what))
                {
                    var code = await StatusAsync(context, target, context.Get(watch), context.Get(timeout));
                    if (code != ExitCodes.Ok)
                    {
                        return code;
                    }
                }

                return ExitCodes.Ok;
            });
    }

    private static async Task<int> StatusAsync(CommandContext context, Target target, bool isWatch, TimeSpan timeout)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        if (timeout > TimeSpan.Zero)
        {
            bound.CancelAfter(timeout);
        }

        var workload = await context.Client.GetAsync(context.PathOf(target), context.Cancellation);
        var status = RolloutStatus.Of(workload);
        if (!status.IsFailed)
        {
            context.Out.WriteLine(status.Message);
        }

        if (status is { IsDone: false, IsFailed: false } && isWatch)
        {
            try
            {
                var path = ApiClient.Query(target.Type.Path(context.Namespace), ("fieldSelector", $"metadata.name={target.Name}"));
                await foreach (var change in ResumingWatch.FollowAsync(context, path, workload.Text("metadata", "resourceVersion"), null, bound.Token))
                {
                    if (change.Type == "DELETED")
                    {
                        throw new CliException($"{target.Type.Singular} \"{target.Name}\" was deleted before its rollout finished.");
                    }

                    var next = RolloutStatus.Of(change.Object);
                    if (next != status && !next.IsFailed)
                    {
                        context.Out.WriteLine(next.Message);
                    }

                    status = next;
                    if (status.IsDone || status.IsFailed)
                    {
                        break;
                    }
                }
            }
            catch (OperationCanceledException) when (!context.Cancellation.IsCancellationRequested)
            {
                throw new CliException($"Timed out after {Durations.Text(timeout)}: {status.Message}{await ObstaclesAsync(context, workload)}");
            }
        }

        return status.IsFailed ? throw new CliException(status.Message + await ObstaclesAsync(context, workload)) : ExitCodes.Ok;
    }

    private static async Task<string> ObstaclesAsync(CommandContext context, JsonObject workload)
    {
        const int most = 3;
        var pods = (await context.DiscoveryAsync()).OfManifest("v1", "Pod");
        var labels = workload.At("spec", "selector") is JsonObject selector ? LogsCommand.Selector(selector) : null;
        var list = await context.Client.GetAsync(ApiClient.Query(pods.Path(context.Namespace), ("labelSelector", labels)), context.Cancellation);
        var known = list.Items("items").Select(RolloutStatus.Obstacle).OfType<string>().ToList();
        return known.Count == 0 ? " See the pods with 'orc get pods' and 'orc events'."
            : string.Concat(known.Take(most).Select(o => Environment.NewLine + "  " + o)) + (known.Count > most ? $"{Environment.NewLine}  and {known.Count - most} more" : "");
    }

    private static Command History(Setup setup)
    {
        var what = Words(setup);
        var revision = Setup.Number("Show the pod template of this revision", "number", "--revision");
        return setup.Command("history", "Lists the revisions of a workload.", [what, revision], ["orc rollout history deploy/web", "orc rollout history deploy/web --revision=2"], async context =>
        {
            foreach (var target in await TargetsAsync(context, what))
            {
                var revisions = await WorkloadRevisions.ReadAsync(context, target);
                if (context.Get(revision) is { } number)
                {
                    var one = revisions.One(target, number);
                    context.Out.WriteLine($"{target.Type.Display}/{target.Name} with revision #{number}");
                    context.Out.Write(Yaml.Write(one.Template));
                    continue;
                }

                context.Out.WriteLine($"{target.Type.Display}/{target.Name}");
                new TableWriter(context.Out).Write(["REVISION", "CHANGE-CAUSE"], [.. revisions.ByNumber.Select(r => (string[])
                    [r.Key.ToString(CultureInfo.InvariantCulture), r.Value.Cause ?? "<none>"])]);
                context.Out.WriteLine();
            }

            return ExitCodes.Ok;
        });
    }

    private static Command Undo(Setup setup)
    {
        var what = Words(setup);
        var to = Setup.Number("Revision to roll back to (default: the previous one)", "number", "--to-revision");
        var writeOptions = new WriteOptions(WriteOptions.Formats);
        return setup.Command("undo", "Rolls back to an earlier revision.", [what, to, .. writeOptions.Options], ["orc rollout undo deploy/web", "orc rollout undo sts/db --to-revision=3"], async context =>
        {
            foreach (var target in await TargetsAsync(context, what))
            {
                var revisions = await WorkloadRevisions.ReadAsync(context, target);
                var workload = revisions.Workload;
                var number = context.Get(to) is > 0 and var wanted ? wanted : revisions.ByNumber.Keys.OrderDescending().Skip(1).FirstOrDefault();
                if (number == 0)
                {
                    throw new CliException($"{target.Type.Display}/{target.Name} has no earlier revision to go back to.");
                }

                var template = revisions.One(target, number).Template;
                var mode = writeOptions.Of(context);
                if (JsonNode.DeepEquals(template, workload.At("spec", "template")))
                {
                    mode.Say(target.Type, workload, $"skipped rollback (current template already matches revision {number})");
                    continue;
                }

                if (mode.IsClient)
                {
                    workload["spec"]!["template"] = template;
                }
                else
                {
                    var patch = new JsonArray(new JsonObject { ["op"] = "replace", ["path"] = "/spec/template", ["value"] = template });
                    workload = await context.Client.PatchAsync(mode.Path(context.PathOf(target)), patch, context.Cancellation, JsonPatch);
                }

                mode.Say(target.Type, workload, "rolled back");
            }

            return ExitCodes.Ok;
        });
    }

    private static Command Pause(Setup setup, bool isPause)
    {
        var what = Words(setup);
        var (verb, done) = isPause ? ("pause", "paused") : ("resume", "resumed");
        var writeOptions = new WriteOptions(WriteOptions.Formats);
        return setup.Command(verb, isPause ? "Pauses a rollout." : "Resumes a rollout.", [what, .. writeOptions.Options], [$"orc rollout {verb} deploy/web"], async context =>
        {
            foreach (var target in await TargetsAsync(context, what, "Deployment"))
            {
                var workload = await context.Client.GetAsync(context.PathOf(target), context.Cancellation);
                if (workload.Flag("spec", "paused") == isPause)
                {
                    throw new CliException($"{target.Type.Display}/{target.Name} is {(isPause ? "already paused" : "not paused")}.");
                }

                var mode = writeOptions.Of(context);
                var patch = new JsonObject { ["spec"] = new JsonObject { ["paused"] = isPause ? true : null } };
                mode.Say(target.Type, await mode.PatchAsync(context.PathOf(target), workload, patch), done);
            }

            return ExitCodes.Ok;
        });
    }

    private static Command Restart(Setup setup)
    {
        var what = Words(setup);
        var writeOptions = new WriteOptions(WriteOptions.Formats);
        return setup.Command("restart", "Replaces all pods of a workload with new ones.", [what, .. writeOptions.Options], ["orc rollout restart deploy/web", "orc rollout restart ds/agent"], async context =>
        {
            foreach (var target in await TargetsAsync(context, what))
            {
                var workload = await context.Client.GetAsync(context.PathOf(target), context.Cancellation);
                if (workload.Flag("spec", "paused"))
                {
                    throw new CliException($"{target.Type.Display}/{target.Name} is paused: run 'orc rollout resume' first.");
                }

                var stamp = new JsonObject { ["kubectl.kubernetes.io/restartedAt"] = context.Now.ToString("yyyy-MM-ddTHH:mm:ssK", CultureInfo.InvariantCulture) };
                var patch = new JsonObject
                {
                    ["spec"] = new JsonObject { ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = stamp } } },
                };
                var mode = writeOptions.Of(context);
                mode.Say(target.Type, await mode.PatchAsync(context.PathOf(target), workload, patch), "restarted");
            }

            return ExitCodes.Ok;
        });
    }

    private static Argument<string[]> Words(Setup setup) => Setup.Words("what", "TYPE/NAME... or TYPE NAME...").WithNames(setup);

    private static async Task<IReadOnlyList<Target>> TargetsAsync(CommandContext context, Argument<string[]> what, params string[] kinds)
    {
        var (targets, allowed) = (Target.ParseNamed(context.Get(what)!, await context.DiscoveryAsync()), kinds.Length > 0 ? kinds : Kinds);
        return targets.FirstOrDefault(t => !allowed.Contains(t.Type.Kind)) is { } other
            ? throw new UsageException(kinds.Length > 0 ? $"Only deployments can be paused and resumed, not {other.Type.Plural}: specify deploy/NAME."
                : $"{other.Type.Plural} have no rollouts: specify a deployment, daemon set or stateful set, such as deploy/NAME.") : targets;
    }
}
