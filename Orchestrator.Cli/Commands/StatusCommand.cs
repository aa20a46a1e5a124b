using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc status</c>.</summary>
internal static class StatusCommand
{
    private static readonly (string Kind, string Path)[] Workloads =
    [
        ("Deployment", "/apis/apps/v1/deployments"), ("StatefulSet", "/apis/apps/v1/statefulsets"), ("DaemonSet", "/apis/apps/v1/daemonsets"),
        ("ReplicaSet", "/apis/apps/v1/replicasets"), ("ReplicationController", "/api/v1/replicationcontrollers"),
    ];

    public static Command Create(Setup setup)
    {
        var output = new Option<string?>("--output", "-o") { Description = "json or yaml", HelpName = "format" };
        output.CompletionSources.Add("json", "yaml");
        output.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } format and not ("json" or "yaml"))
            {
                r.AddError($"\"{format}\" is not an output format, use json or yaml");
            }
        });
        return setup.Command("status", "Shows whether the cluster is healthy, and what is not. Exits with 3 if it is not.", [output],
        [
            "orc status                                  # one line for each part of the cluster",
            "orc status -o json                          # with the names of everything that is not as it should be",
            "until orc status; do sleep 5; done          # wait until everything runs",
        ], async context =>
        {
            var checks = await ChecksAsync(context);
            var isHealthy = checks.All(c => c.IsOk == true);
            if (context.Get(output) is { } format)
            {
                ObjectPrinter.Print(context.Out, format, new JsonObject { ["healthy"] = isHealthy, ["checks"] = new JsonArray([.. checks.Select(c => c.ToNode())]) });
            }
            else
            {
                new TableWriter(context.Out, context.Io.HasColour).Write(["CHECK", "STATUS", "MESSAGE"], [.. checks.Select(c => new[] { c.Name, c.Status, c.Line })]);
                context.Out.WriteLine(isHealthy ? "The cluster is healthy." : $"The cluster is not healthy: {string.Join(", ", checks.Where(c => c.IsOk != true).Select(c => c.Name))}.");
            }

            return isHealthy ? ExitCodes.Ok : ExitCodes.Unhealthy;
        });
    }

    private static async Task<IReadOnlyList<ClusterCheck>> ChecksAsync(CommandContext context)
    {
        var client = context.Client;
        var version = (await client.GetAsync("/version", context.Cancellation)).Text("gitVersion") ?? "unknown";
        var (readiness, readyz) = await client.TextAsync("/readyz?verbose", context.Cancellation);
        var (code, text) = await client.TextAsync("/metrics", context.Cancellation);
        var metrics = new MetricsText(code == 200 ? text : "");
        List<ClusterCheck> checks = [ClusterChecks.ApiServer(readiness, readyz, version), ClusterChecks.Journal(metrics, context.Now), ClusterChecks.Certificates(metrics)];
        try
        {
            var pods = await ListAsync(context, "/api/v1/pods");
            checks.Add(ClusterChecks.Nodes(await ListAsync(context, "/api/v1/nodes")));
            checks.Add(ClusterChecks.Scheduler(pods));
            checks.Add(ClusterChecks.Pods(pods));
            checks.Add(ClusterChecks.Workloads(await WorkloadsAsync(context)));
        }
        catch (ApiFailure e) when (e.Code >= 500)
        {
            checks.Add(new ClusterCheck("Objects", null, e.Message));
        }

        return checks;
    }

    private static async Task<IReadOnlyCollection<JsonObject>> WorkloadsAsync(CommandContext context)
    {
        var found = new List<JsonObject>();
        foreach (var (kind, path) in Workloads)
        {
            foreach (var workload in await ListAsync(context, path))
            {
                workload["kind"] = kind; // Items of a list have no kind.
                found.Add(workload);
            }
        }

        return found;
    }

    // Listed in chunks, so that each response arrives in time in large clusters.
    private static async Task<IReadOnlyCollection<JsonObject>> ListAsync(CommandContext context, string path)
    {
        var items = new List<JsonObject>();
        string? rest = null;
        do
        {
            var list = await context.Client.FindAsync(ApiClient.Query(path, ("limit", "500"), ("continue", rest)), context.Cancellation);
            items.AddRange(list.Items("items"));
            rest = list.Text("metadata", "continue");
        }
        while (rest is { Length: > 0 });
        return items;
    }
}
