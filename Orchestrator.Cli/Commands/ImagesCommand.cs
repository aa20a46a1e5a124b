using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc images</c>: the images of nodes, as their statuses show them: the largest of each.</summary>
internal static class ImagesCommand
{
    private const double Mebibyte = 1 << 20;

    public static Command Create(Setup setup)
    {
        var node = Setup.Text("Only images of this node", "NODE", "--node");
        var output = new Option<string?>("--output", "-o") { Description = "json or yaml", HelpName = "format" };
        output.CompletionSources.Add("json", "yaml");
        output.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } format and not ("json" or "yaml"))
            {
                r.AddError($"\"{format}\" is not an output format, use json or yaml");
            }
        });
        return setup.Command("images", "Lists the images of nodes, the 50 largest of each.", [node, output],
        [
            "orc images",
            "orc images --node n1 -o yaml",
        ], async context =>
        {
            var nodes = context.Get(node) is { } name
                ? [await context.Client.GetAsync($"/api/v1/nodes/{Uri.EscapeDataString(name)}", context.Cancellation)]
                : (await context.Client.GetAsync("/api/v1/nodes", context.Cancellation)).Items("items").ToList();
            var images = nodes.SelectMany(n => n.Items("status", "images").Select(i => (Node: n.Name(), Image: i))).ToList();
            if (context.Get(output) is { } format)
            {
                ObjectPrinter.Print(context.Out, format, new JsonObject
                {
                    ["items"] = new JsonArray([.. images.Select(i => (JsonNode)new JsonObject { ["node"] = i.Node, ["names"] = i.Image["names"]?.DeepClone(), ["sizeBytes"] = i.Image["sizeBytes"]?.DeepClone() })]),
                });
            }
            else if (images.Count == 0)
            {
                context.Io.Error.WriteLine("No images found.");
            }
            else
            {
                new TableWriter(context.Out, context.Io.HasColour).Write(["NODE", "IMAGE", "SIZE"], [.. images.Select(i => new[] { i.Node, Name(i.Image), Size(i.Image) })]);
            }

            return ExitCodes.Ok;
        });
    }

    // Its tags; the digest only of one that has none.
    private static string Name(JsonObject image)
    {
        var names = (image["names"] as JsonArray ?? []).Select(n => (string?)n ?? "").ToList();
        var tags = names.Where(n => !n.Contains('@', StringComparison.Ordinal)).ToList();
        return string.Join(", ", tags.Count > 0 ? tags : names.Take(1));
    }

    private static string Size(JsonObject image) => string.Create(CultureInfo.InvariantCulture, $"{((double?)image["sizeBytes"] ?? 0) / Mebibyte:0.0} MiB");
}
