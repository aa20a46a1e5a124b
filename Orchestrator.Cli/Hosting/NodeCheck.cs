using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Hosting;

/// <summary>Checks whether the node of a host that has just become ready can run pods.</summary>
internal static class NodeCheck
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Why it cannot run pods; null if it can.</summary>
    public static async Task<string?> FaultAsync(CommandContext context, DataDirectory data, string name)
    {
        var text = await File.ReadAllTextAsync(data.Kubeconfig, context.Cancellation);
        var connection = Kubeconfig.Read([(data.Kubeconfig, text)], null, File.ReadAllText);
        using var client = new ApiClient(connection, context.Io.Connect(connection));
        var since = context.Io.Time.GetTimestamp();
        while (true)
        {
            string? fault;
            try
            {
                fault = Fault(await client.FindAsync($"/api/v1/nodes/{name}", context.Cancellation), name);
            }
            catch (CliException e)
            {
                fault = e.Message;
            }

            // The node may still have its status from before the restart.
            if (fault is null || context.Io.Time.GetElapsedTime(since) > Bound)
            {
                return fault;
            }

            await Task.Delay(Pause, context.Io.Time, context.Cancellation);
        }
    }

    public static string? Fault(JsonObject? node, string name)
    {
        if (node is null)
        {
            return $"node {name} has not registered yet";
        }

        var ready = node.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == "Ready");
        return ready.Text("status") == "True" ? null : $"node {name} is not ready: {ready.Text("message") ?? "it has not reported its status yet"}";
    }
}
