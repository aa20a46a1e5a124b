using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc image load</c>: loads an archive of images into nodes, so that no registry is needed.</summary>
internal static class ImageCommand
{
    private const int SideBySide = 3;

    public static Command Create(Setup setup)
    {
        var file = new Argument<string>("archive") { Description = "Archive made by 'docker save', also a compressed one" };
        var nodes = new Option<string[]>("--node") { Description = "Only into this node; may be given several times", HelpName = "NODE" };
        var load = setup.Command("load", "Loads the images of an archive into all nodes that are ready.", [file, nodes],
        [
            "docker save shop/web:3 | gzip > web.tar.gz && orc image load web.tar.gz",
            "orc image load web.tar.gz --node n1 --node n2",
        ], context => LoadAsync(context, context.Get(file)!, context.Get(nodes) ?? []));
        return setup.Command("image", "Brings images to nodes.", [load], ["orc image load web.tar.gz"]);
    }

    private static async Task<int> LoadAsync(CommandContext context, string file, string[] chosen)
    {
        if (!File.Exists(file))
        {
            throw new UsageException($"{file} does not exist: make an archive with 'docker save IMAGE > {Path.GetFileName(file)}'.");
        }

        var nodes = chosen.Length > 0 ? [.. chosen.Distinct()] : await ReadyAsync(context);
        if (nodes.Count == 0)
        {
            throw new CliException("No node is ready: see 'orc get nodes'.");
        }

        using var gate = new SemaphoreSlim(SideBySide);
        var sent = new long[nodes.Count];
        var size = Math.Max(1, new FileInfo(file).Length);
        var results = await Progress.WaitAsync(context.Io, $"Loading {file} into {nodes.Count} nodes", tell => Task.WhenAll(nodes.Select(async (node, i) =>
        {
            await gate.WaitAsync(context.Cancellation);
            try
            {
                await using var archive = File.OpenRead(file);
                var status = await context.Client.UploadAsync($"/api/v1/nodes/{Uri.EscapeDataString(node)}/images", archive, "application/x-tar", bytes =>
                {
                    Volatile.Write(ref sent[i], bytes);
                    tell(string.Create(CultureInfo.InvariantCulture, $"Loading {file} into {nodes.Count} nodes, {100 * sent.Sum() / (size * nodes.Count)} %"));
                }, context.Cancellation);
                return new Outcome(node, status.Text("message") ?? "", null);
            }
            catch (CliException e)
            {
                return new Outcome(node, "", e.Message);
            }
            finally
            {
                gate.Release();
            }
        })));
        foreach (var (node, said, error) in results)
        {
            (error is null ? context.Out : context.Io.Error).WriteLine($"{node}: {error ?? said.ReplaceLineEndings("; ")}");
        }

        return results.All(r => r.Error is null) ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static async Task<IReadOnlyList<string>> ReadyAsync(CommandContext context) =>
    [
        .. (await context.Client.GetAsync("/api/v1/nodes", context.Cancellation)).Items("items")
            .Where(n => n.Items("status", "conditions").Any(c => c.Text("type") == "Ready" && c.Text("status") == "True")).Select(n => n.Name()),
    ];

    private sealed record Outcome(string Node, string Said, string? Error);
}
