using Orchestrator.Cli.Client;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc logs --deleted</c>: logs that nodes keep of pods that were removed.</summary>
internal static class DeletedLogs
{
    private const string Parameter = "orchestrator.io/deleted";

    /// <summary>The pod of the command line.</summary>
    public static string Pod(string[] words) => words switch
    {
        [var one] when !one.Contains('/', StringComparison.Ordinal) => one,
        [var one] when one.Split('/') is ["pod" or "pods" or "po", { Length: > 0 } name] => name,
        ["pod" or "pods" or "po", var name] => name,
        _ => throw new UsageException("--deleted takes the name of one pod: what made it may be gone too."),
    };

    /// <summary>Prints the log of a container; if there were several pods of the name, what is kept of which.</summary>
    public static async Task PrintAsync(CommandContext context, ResourceType pods, string pod, string? uid, (string Name, string? Value)[] parameters)
    {
        var path = $"{pods.Path(context.Namespace, pod)}/log";
        var kept = (await context.Client.GetAsync(ApiClient.Query(path, (Parameter, "list")), context.Cancellation)).Items("items").ToList();
        if (kept.Count == 0)
        {
            throw new CliException($"No log is kept of a deleted pod {pod} in namespace {context.Namespace}.");
        }

        var byUid = kept.GroupBy(k => k.Text("uid")!).ToList();
        if (uid is null && byUid.Count > 1)
        {
            new TableWriter(context.Out).Write(["UID", "REMOVED", "NODE", "CONTAINERS", "BYTES"],
            [
                .. byUid.Select(u => (string[])[u.Key, u.First().Text("removedAt")!, u.First().Text("node")!,
                    string.Join(',', u.Select(k => k.Text("container")!).Distinct().Order(StringComparer.Ordinal)), $"{u.Sum(k => (long)k["bytes"]!)}"]),
            ]);
            throw new CliException($"There were {byUid.Count} pods {pod}: choose one with --uid.");
        }

        await foreach (var line in context.Client.LinesAsync(ApiClient.Query(path, [(Parameter, "true"), ("orchestrator.io/uid", uid ?? byUid[0].Key), .. parameters]), context.Cancellation))
        {
            context.Out.WriteLine(line);
        }
    }
}
