using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc top TYPE NAME --since=1h</c>: what one pod or node used in the last hours, with a bar for each value.</summary>
internal sealed class TopHistory
{
    private const int Lines = 20;
    private const int Resolution = 15;
    private const int Width = 20;
    private static readonly string[] Eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    private readonly DurationOption _since = Setup.Bound("What it used since so long ago; up to three hours are kept", "0s", "--since");
    private readonly DurationOption _step = Setup.Bound("Time between two lines of --since (default: a twentieth of it)", "0s", "--step");
    private readonly Option<string?> _output = Setup.Text("With --since: json or yaml", "format", "--output", "-o");

    public TopHistory() => _output.AcceptOnlyFromAmong("json", "yaml");

    public Option[] Options => [_since, _step, _output];

    /// <summary>Prints the history if it is asked for.</summary>
    /// <param name="context">The command.</param>
    /// <param name="type">Plural of what is measured.</param>
    /// <param name="name">Its name.</param>
    /// <returns>Whether it was asked for.</returns>
    public async Task<bool> PrintAsync(CommandContext context, string type, string? name)
    {
        var (since, step) = (context.Get(_since), context.Get(_step));
        if (since == TimeSpan.Zero)
        {
            return step == TimeSpan.Zero && context.Get(_output) is null ? false : throw new UsageException("--step and --output are about the past: add --since, such as --since=1h.");
        }

        if (name is null)
        {
            throw new UsageException($"--since shows one at a time: specify which, such as 'orc top {type} NAME --since=1h'.");
        }

        step = step > TimeSpan.Zero ? step : TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(since.TotalSeconds / Lines / Resolution)) * Resolution);
        var at = type == "nodes" ? "-" : Uri.EscapeDataString(context.Namespace);
        var path = ApiClient.Query($"/apis/history.orchestrator.io/v1/metrics.k8s.io/{type}/{at}/{Uri.EscapeDataString(name)}", ("from", Seconds(since)), ("step", Seconds(step)));
        var history = await context.Client.GetAsync(path, context.Cancellation);
        if (context.Get(_output) is { } format)
        {
            ObjectPrinter.Print(context.Out, format, history);
            return true;
        }

        new TableWriter(context.Out).Write(["TIME (UTC)", "CPU(cores)", "", "MEMORY(bytes)", ""], [.. Rows(history)]);
        return true;
    }

    /// <summary>A bar of a length from 0 to 1, in eighths of a character. It is never empty for what is more than 0.</summary>
    public static string Bar(double share)
    {
        var eighths = share is not > 0 ? 0 : Math.Clamp((int)Math.Round(share * Width * Eighths.Length), 1, Width * Eighths.Length);
        return new string('█', eighths / Eighths.Length) + Eighths[eighths % Eighths.Length];
    }

    private static IEnumerable<string[]> Rows(JsonObject history)
    {
        var (cpu, memory) = (Column(history, "cpu"), Column(history, "memory"));
        var (mostCpu, mostMemory) = (cpu.Max() ?? 0, memory.Max() ?? 0);
        return Column(history, "time").Select((time, i) => (string[])
        [
            DateTimeOffset.FromUnixTimeSeconds((long)(time ?? 0)).ToString("HH:mm:ss", CultureInfo.InvariantCulture),
            cpu[i] is { } cores ? new Amounts(cores, 0).CpuText : "-", Bar((cpu[i] ?? 0) / mostCpu),
            memory[i] is { } bytes ? new Amounts(0, bytes).MemoryText : "-", Bar((memory[i] ?? 0) / mostMemory),
        ]).SkipWhile(row => row[1] == "-");
    }

    private static List<double?> Column(JsonObject history, string name) => [.. (history[name] as JsonArray ?? []).Select(v => v?.GetValue<double>())];

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds)}s");
}
