using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Commands.Creation;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc autoscale</c>: an autoscaler for an object that has a scale.</summary>
internal static class AutoscaleCommand
{
    public static Command Create(Setup setup)
    {
        var what = Setup.Words("what", "TYPE/NAME or TYPE NAME").WithNames(setup);
        var least = Setup.Number("Fewest pods (default: 1)", "count", "--min");
        var most = Setup.Number("Most pods", "count", "--max");
        most.Required = true;
        var percent = Setup.Number("CPU use to keep, in percent of the requests; the same as --cpu=N%", "number", "--cpu-percent");
        var cpu = Setup.Text("CPU use to keep: a percentage of the requests such as 80%, or an average such as 500m", "amount", "--cpu");
        var memory = Setup.Text("Memory use to keep: a percentage of the requests, or an average such as 200Mi", "amount", "--memory");
        var name = Setup.Text("Name of the autoscaler (default: that of the object)", "name", "--name");
        var writeOptions = new WriteOptions(WriteOptions.Formats, hasFields: true);
        return setup.Command("autoscale", "Creates an autoscaler for an object.", [what, least, most, percent, cpu, memory, name, .. writeOptions.Options],
        [
            "orc autoscale deploy/web --min=2 --max=10 --cpu=80%",
            "orc autoscale deploy web --max=5 --cpu-percent=50",
            "orc autoscale sts/db --max=5 --memory=500Mi",
        ], async context =>
        {
            var mode = writeOptions.Of(context);
            var autoscalers = new List<JsonObject>();
            foreach (var target in Target.ParseNamed(context.Get(what)!, await context.DiscoveryAsync()))
            {
                if (context.Get(cpu) is not null && context.Get(percent) is not null)
                {
                    throw new UsageException("--cpu and --cpu-percent say the same: use one of them.");
                }

                await context.Client.GetAsync(context.PathOf(target), context.Cancellation);
                JsonObject?[] metrics =
                [
                    Metric("cpu", context.Get(percent) is { } share ? string.Create(CultureInfo.InvariantCulture, $"{share}%") : context.Get(cpu)),
                    Metric("memory", context.Get(memory)),
                ];
                autoscalers.Add(Draft.Of("autoscaling/v2", "HorizontalPodAutoscaler", context.Get(name) ?? target.Name!, ("spec", Draft.Fields(
                    ("scaleTargetRef", new JsonObject { ["apiVersion"] = target.Type.ApiVersion, ["kind"] = target.Type.Kind, ["name"] = target.Name }),
                    ("minReplicas", context.Get(least)),
                    ("maxReplicas", context.Get(most)),
                    ("metrics", new JsonArray([.. metrics.OfType<JsonObject>()]))))));
            }

            return await Draft.SendAsync(context, mode, autoscalers, "autoscaled");
        });
    }

    // Without a metric the server chooses one: 80% of the requested CPU.
    private static JsonObject? Metric(string resource, string? amount) => amount is null ? null : new JsonObject
    {
        ["type"] = "Resource",
        ["resource"] = new JsonObject
        {
            ["name"] = resource,
            ["target"] = !amount.EndsWith('%') ? new JsonObject { ["type"] = "AverageValue", ["averageValue"] = amount }
                : int.TryParse(amount[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var share) ? new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = share }
                : throw new UsageException($"--{resource} takes a whole percentage such as 80%, or an amount, not \"{amount}\"."),
        },
    };
}
