using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc logs</c>.</summary>
internal static class LogsCommand
{
    private sealed record Options(string? Container, bool AllContainers, bool IsFollow, long? Tail, bool IsPrevious, bool WithTimes, TimeSpan Since, bool WithPrefix);

    public static Command Create(Setup setup)
    {
        var what = Setup.Words("what", "POD, pod/NAME, deploy/NAME or rs/NAME", isRequired: false).WithNames(setup, "pods");
        var container = Setup.Text("Container (default: the pod's first)", "name", "--container", "-c");
        var all = Setup.Switch("All containers of the pod", "--all-containers");
        var follow = Setup.Switch("Stream new output until interrupted", "--follow", "-f");
        var tail = Setup.Number("Number of lines from the end", "count", "--tail");
        var previous = Setup.Switch("Show the log of the previous attempt of the container", "--previous", "-p");
        var times = Setup.Switch("Prefix each line with a timestamp", "--timestamps");
        var since = Setup.Bound("Only lines younger than this", "0", "--since");
        var labels = Setup.Text("Logs of all pods with these labels", "selector", "--selector", "-l");
        var prefix = Setup.Switch("Prefix each line with the name of the pod", "--prefix");
        var deleted = Setup.Switch("Of a pod that was deleted, as long as its node keeps the log", "--deleted");
        var uid = Setup.Text("With --deleted: which of several pods of the name", "uid", "--uid");
        return setup.Command("logs", "Prints the logs of containers.", [what, container, all, follow, tail, previous, times, since, labels, prefix, deleted, uid],
        [
            "orc logs web-1",
            "orc logs -f deploy/web --tail=20",
            "orc logs web-1 -c sidecar --previous",
            "orc logs -l app=web --prefix",
            "orc logs --deleted web-1 -n shop --tail=20",
        ], async context =>
        {
            var options = new Options(context.Get(container), context.Get(all), context.Get(follow), context.Get(tail) is >= 0 and var t ? t : null,
                context.Get(previous), context.Get(times), context.Get(since), context.Get(prefix));
            var pods = (await context.DiscoveryAsync()).OfManifest("v1", "Pod");
            if (context.Get(deleted))
            {
                if (options.IsFollow || options.AllContainers || options.WithPrefix || context.Get(labels) is not null)
                {
                    throw new UsageException("--deleted reads the log of one container of one pod: it takes no --follow, --all-containers, --prefix or --selector.");
                }

                await DeletedLogs.PrintAsync(context, pods, DeletedLogs.Pod(context.Get(what) ?? []), context.Get(uid), Parameters(options.Container, options));
                return ExitCodes.Ok;
            }

            if (context.Get(uid) is not null)
            {
                throw new UsageException("--uid is used with --deleted only.");
            }

            var chosen = await PodsAsync(context, pods, context.Get(what) ?? [], context.Get(labels));
            var sources = chosen.SelectMany(p => Containers(context, p, options).Select(c => (Pod: p, Container: c))).ToList();
            if (!options.IsFollow)
            {
                foreach (var (pod, name) in sources)
                {
                    await CopyAsync(context, pods, pod, name, options);
                }
            }
            else
            {
                await Task.WhenAll(sources.Select(s => CopyAsync(context, pods, s.Pod, s.Container, options)));
            }

            return ExitCodes.Ok;
        });
    }

    private static async Task<IReadOnlyList<JsonObject>> PodsAsync(CommandContext context, ResourceType pods, string[] words, string? labels)
    {
        if (labels is not null)
        {
            var found = await ListAsync(context, pods, labels);
            return found.Count > 0 ? found : throw new CliException($"No pod in namespace {context.Namespace} has the labels {labels}.");
        }

        Target target = words switch
        {
            [var one] when one.Contains('/', StringComparison.Ordinal) => Target.ParseNamed([one], await context.DiscoveryAsync())[0],
            [var name] => new(pods, name),
            [var type, var name] when (await context.DiscoveryAsync()).Types.Any(t => t.IsCalled(type.ToLowerInvariant())) => Target.ParseNamed([type, name], await context.DiscoveryAsync())[0],
            _ => throw new UsageException("No pod given: specify the name of a pod, deploy/NAME, or --selector."),
        };
        var o = await context.Client.GetAsync(context.PathOf(target), context.Cancellation);
        if (target.Type == pods)
        {
            return [o];
        }

        if (o.At("spec", "selector") is not JsonObject selector)
        {
            throw new UsageException($"{target.Type.Plural} have no pods: specify a pod, a deployment or a replica set.");
        }

        var all = await ListAsync(context, pods, Selector(selector));
        var pick = all.OrderBy(p => p.Text("metadata", "deletionTimestamp") is null ? 0 : 1).ThenBy(p => p.Text("status", "phase") == "Running" ? 0 : 1)
            .ThenByDescending(p => p.Text("metadata", "creationTimestamp"), StringComparer.Ordinal).FirstOrDefault()
            ?? throw new CliException($"{target.Type.Display}/{target.Name} has no pods: see 'orc describe {target.Type.Singular}/{target.Name}'.");
        if (all.Count > 1)
        {
            context.Io.Error.WriteLine($"Found {all.Count} pods, using pod/{pick.Name()}");
        }

        return [pick];
    }

    /// <summary>Converts a label selector to a list query.</summary>
    public static string Selector(JsonObject selector) => string.Join(',', selector.Fields("matchLabels").Select(l => $"{l.Key}={l.Value.Text()}").Concat(
        selector.Items("matchExpressions").Select(e => e.Text("operator") switch
        {
            "Exists" => e.Text("key"),
            "DoesNotExist" => "!" + e.Text("key"),
            var op => $"{e.Text("key")} {(op == "NotIn" ? "notin" : "in")} ({string.Join(',', (e["values"] as JsonArray ?? []).Select(v => v.Text()))})",
        })));

    private static async Task<List<JsonObject>> ListAsync(CommandContext context, ResourceType pods, string labels) =>
        [.. (await context.Client.GetAsync(ApiClient.Query(pods.Path(context.Namespace), ("labelSelector", labels)), context.Cancellation)).Items("items")];

    private static IEnumerable<string> Containers(CommandContext context, JsonObject pod, Options options)
    {
        var all = pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers")).Select(c => c.Text("name")!).ToList();
        if (options.Container is { } chosen)
        {
            return all.Contains(chosen) ? [chosen] : throw new CliException($"pod/{pod.Name()} has no container {chosen}: it has {string.Join(", ", all)}.");
        }

        if (options.AllContainers)
        {
            return all;
        }

        var first = pod.Text("metadata", "annotations", "kubectl.kubernetes.io/default-container") is { } named && all.Contains(named) ? named : all[0];
        if (all.Count > 1)
        {
            context.Io.Error.WriteLine($"Defaulted container \"{first}\" out of: {string.Join(", ", all)}");
        }

        return [first];
    }

    private static (string Name, string? Value)[] Parameters(string? container, Options options) =>
    [
        ("container", container),
        ("follow", options.IsFollow ? "true" : null),
        ("previous", options.IsPrevious ? "true" : null),
        ("timestamps", options.WithTimes ? "true" : null),
        ("tailLines", options.Tail?.ToString(CultureInfo.InvariantCulture)),
        ("sinceSeconds", options.Since > TimeSpan.Zero ? Math.Max(1, (long)options.Since.TotalSeconds).ToString(CultureInfo.InvariantCulture) : null),
    ];

    private static async Task CopyAsync(CommandContext context, ResourceType pods, JsonObject pod, string container, Options options)
    {
        var path = ApiClient.Query(pods.Path(pod.Namespace(), pod.Name()) + "/log", Parameters(container, options));
        var prefix = options.WithPrefix ? $"[pod/{pod.Name()}/{container}] " : "";
        await foreach (var line in context.Client.LinesAsync(path, context.Cancellation))
        {
            lock (context.Out)
            {
                context.Out.WriteLine(prefix + line);
                if (options.IsFollow)
                {
                    context.Out.Flush();
                }
            }
        }
    }
}
