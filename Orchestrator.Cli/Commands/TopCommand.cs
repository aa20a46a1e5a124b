using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc top</c>: what nodes and pods use, and used.</summary>
internal static class TopCommand
{
    private const string Metrics = "/apis/metrics.k8s.io/v1beta1";

    public static Command Create(Setup setup) => setup.Command("top", "Shows what nodes and pods use of CPU and memory.", [Nodes(setup), Pods(setup)],
        ["orc top nodes", "orc top pods -A --sort-by=cpu"]);

    private static Command Nodes(Setup setup)
    {
        var (name, view, history) = (Name(), new TopOptions(), new TopHistory());
        return Also("node", setup.Command("nodes", "Shows what nodes use.", [name, .. view.Options, .. history.Options],
            ["orc top nodes", "orc top node n1", "orc top node n1 --since=1h"], async context =>
        {
            if (await history.PrintAsync(context, "nodes", context.Get(name)))
            {
                return ExitCodes.Ok;
            }

            var found = await MetricsAsync(context, $"{Metrics}/nodes", context.Get(name), view);
            var sizes = (await context.Client.GetAsync("/api/v1/nodes", context.Cancellation)).Items("items").ToDictionary(n => n.Name(), n => n.At("status", "allocatable"));
            view.Print(context, ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"], found.Select(n => (Amounts.Of(n["usage"]), new Func<Amounts, string[]>(used =>
            {
                var whole = Amounts.Of(sizes.GetValueOrDefault(n.Name()));
                return [n.Name(), used.CpuText, Amounts.Percent(used.Cpu, whole.Cpu), used.MemoryText, Amounts.Percent(used.Memory, whole.Memory)];
            }))));
            return ExitCodes.Ok;
        }));
    }

    private static Command Pods(Setup setup)
    {
        var (name, view, history) = (Name(), new TopOptions(), new TopHistory());
        var (containers, all) = (Setup.Switch("Each container", "--containers"), Setup.Switch("All namespaces", "--all-namespaces", "-A"));
        return Also("pod", setup.Command("pods", "Shows what pods use.", [name, containers, all, .. view.Options, .. history.Options],
            ["orc top pods", "orc top pods -l app=web --containers", "orc top pods -A --sort-by=memory", "orc top pod web-1 --since=1h --step=5m"], async context =>
        {
            if (context.Get(all) && context.Get(name) is not null)
            {
                throw new UsageException("A pod has a namespace: specify it with --namespace instead of --all-namespaces.");
            }

            if (await history.PrintAsync(context, "pods", context.Get(name)))
            {
                return ExitCodes.Ok;
            }

            var path = context.Get(all) ? $"{Metrics}/pods" : $"{Metrics}/namespaces/{Uri.EscapeDataString(context.Namespace)}/pods";
            var found = await MetricsAsync(context, path, context.Get(name), view);
            var rows = found.SelectMany(pod =>
            {
                string[] at = context.Get(all) ? [pod.Namespace() ?? "", pod.Name()] : [pod.Name()];
                return context.Get(containers)
                    ? pod.Items("containers").Select(c => (Amounts.Of(c["usage"]), Row([.. at, c.Text("name") ?? ""])))
                    : [(pod.Items("containers").Select(c => Amounts.Of(c["usage"])).Aggregate(default(Amounts), (a, b) => a + b), Row(at))];
            });
            view.Print(context, [.. context.Get(all) ? (string[])["NAMESPACE"] : [], .. context.Get(containers) ? (string[])["POD", "NAME"] : ["NAME"], "CPU(cores)", "MEMORY(bytes)"], rows);
            return ExitCodes.Ok;

            static Func<Amounts, string[]> Row(string[] names) => used => [.. names, used.CpuText, used.MemoryText];
        }));
    }

    private static async Task<IReadOnlyList<JsonObject>> MetricsAsync(CommandContext context, string path, string? name, TopOptions view)
    {
        if (name is not null)
        {
            return [await context.Client.GetAsync($"{path}/{Uri.EscapeDataString(name)}", context.Cancellation)];
        }

        var list = (await context.Client.GetAsync(ApiClient.Query(path, ("labelSelector", view.Selector(context))), context.Cancellation)).Items("items").ToList();
        if (list.Count == 0)
        {
            context.Io.Error.WriteLine("No metrics found: what has just been started has its first after some seconds.");
        }

        return list;
    }

    private static Argument<string?> Name() => new("name") { Description = "Only this one", Arity = ArgumentArity.ZeroOrOne };

    private static Command Also(string alias, Command command)
    {
        command.Aliases.Add(alias);
        return command;
    }
}
