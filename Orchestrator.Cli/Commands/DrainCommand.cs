using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc drain</c>: evicts the pods of a node.</summary>
internal static class DrainCommand
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    private sealed record Options(bool IgnoresDaemonSets, bool DeletesEmptyDirs, bool IsForced, long? Grace, TimeSpan Timeout);

    public static Command Create(Setup setup)
    {
        var nodes = Setup.Words("node", "Names of nodes").WithNames(setup, "nodes");
        var ignore = Setup.Switch("Ignore pods of DaemonSets", "--ignore-daemonsets");
        var emptyDirs = Setup.Switch("Evict pods with emptyDir volumes too; their data is lost", "--delete-emptydir-data");
        var force = Setup.Switch("Evict pods that no controller replaces too", "--force");
        var grace = Setup.Number("Grace period in seconds (default: that of the pod)", "seconds", "--grace-period");
        var timeout = Setup.Bound("Timeout; 0 for none", "10m");
        var writeOptions = new WriteOptions([]);
        return setup.Command("drain", "Marks a node as unschedulable and evicts its pods.", [nodes, ignore, emptyDirs, force, grace, timeout, .. writeOptions.Options],
        [
            "orc drain n1 --ignore-daemonsets",
            "orc drain n1 --delete-emptydir-data --timeout=5m",
        ], async context =>
        {
            var options = new Options(context.Get(ignore), context.Get(emptyDirs), context.Get(force), context.Get(grace) is >= 0 and var g ? g : null, context.Get(timeout));
            foreach (var node in await NodeCommands.TargetsAsync(context, context.Get(nodes)!))
            {
                await DrainAsync(writeOptions.Of(context), node, options);
            }

            return ExitCodes.Ok;
        });
    }

    private static async Task DrainAsync(WriteMode mode, Target node, Options options)
    {
        var context = mode.Context;
        await NodeCommands.CordonAsync(mode, node, isCordon: true);
        var pods = (await context.DiscoveryAsync()).OfManifest("v1", "Pod");
        var list = await context.Client.GetAsync(ApiClient.Query(pods.Path(null), ("fieldSelector", $"spec.nodeName={node.Name}")), context.Cancellation);
        var plan = DrainPlan.Of(list.Items("items"), options.IgnoresDaemonSets, options.DeletesEmptyDirs, options.IsForced);
        if (plan.Refusals.Count > 0)
        {
            throw new CliException($"node/{node.Name} {(mode.DryRun == "none" ? "stays cordoned but is not" : "would be cordoned but not")} drained: {string.Join("; ", plan.Refusals)}.");
        }

        if (plan.Keep.Count > 0)
        {
            context.Io.Error.WriteLine($"Left in place: {string.Join(", ", plan.Keep.Select(p => $"{p.Namespace()}/{p.Name()}"))}");
        }

        if (mode.DryRun != "none")
        {
            foreach (var pod in plan.Evict)
            {
                context.Out.WriteLine($"evicting pod {pod.Namespace()}/{pod.Name()}{mode.Suffix}");
            }

            context.Out.WriteLine($"node/{node.Name} drained{mode.Suffix}");
            return;
        }

        using var bound = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        if (options.Timeout > TimeSpan.Zero)
        {
            bound.CancelAfter(options.Timeout);
        }

        try
        {
            await Task.WhenAll(plan.Evict.Select(p => EvictAsync(context, pods, p, options, bound.Token)));
        }
        catch (OperationCanceledException) when (!context.Cancellation.IsCancellationRequested)
        {
            throw new CliException($"node/{node.Name} was not drained within {Durations.Text(options.Timeout)}: see its remaining pods with 'orc get pods -A --field-selector spec.nodeName={node.Name}'.");
        }

        context.Out.WriteLine($"node/{node.Name} drained");
    }

    private static async Task EvictAsync(CommandContext context, ResourceType type, JsonObject pod, Options options, CancellationToken bound)
    {
        var path = type.Path(pod.Namespace(), pod.Name());
        var eviction = new JsonObject
        {
            ["apiVersion"] = "policy/v1",
            ["kind"] = "Eviction",
            ["metadata"] = new JsonObject { ["name"] = pod.Name(), ["namespace"] = pod.Namespace() },
            ["deleteOptions"] = new JsonObject { ["preconditions"] = new JsonObject { ["uid"] = pod.Uid() } },
        };
        if (options.Grace is { } grace)
        {
            eviction["deleteOptions"]!["gracePeriodSeconds"] = grace;
        }

        context.Out.WriteLine($"evicting pod {pod.Namespace()}/{pod.Name()}");
        while (true)
        {
            try
            {
                await context.Client.PostAsync(path + "/eviction", eviction, bound);
                break;
            }
            catch (ApiFailure e) when (e.Code == 429)
            {
                context.Io.Error.WriteLine($"Waiting {Durations.Text(Retry)} to evict pod {pod.Namespace()}/{pod.Name()} again: {e.Message}");
                await Task.Delay(Retry, context.Io.Time, bound);
            }
            catch (ApiFailure e) when (e.Code is 404 or 409)
            {
                break; // Deleted, or replaced by another pod with the same name.
            }
        }

        while (await context.Client.FindAsync(path, bound) is { } live && live.Uid() == pod.Uid())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), context.Io.Time, bound);
        }

        context.Out.WriteLine($"pod/{pod.Name()} evicted");
    }
}
