using System.CommandLine;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary>Options of a table of usages.</summary>
internal sealed class TopOptions
{
    private readonly Option<string?> _labels = Setup.Text("Label selector, such as app=web", "selector", "--selector", "-l");
    private readonly Option<string?> _sort = Setup.Text("cpu or memory: the one that uses most comes first", "what", "--sort-by");
    private readonly Option<bool> _noHeaders = Setup.Switch("Omit the header line", "--no-headers");

    public TopOptions() => _sort.AcceptOnlyFromAmong("cpu", "memory");

    public Option[] Options => [_labels, _sort, _noHeaders];

    public string? Selector(CommandContext context) => context.Get(_labels);

    public void Print(CommandContext context, string[] header, IEnumerable<(Amounts Used, Func<Amounts, string[]> Cells)> rows)
    {
        var sorted = context.Get(_sort) switch
        {
            "cpu" => rows.OrderByDescending(r => r.Used.Cpu),
            "memory" => rows.OrderByDescending(r => r.Used.Memory),
            _ => rows,
        };
        string[][] lines = [.. sorted.Select(r => r.Cells(r.Used))];
        if (lines.Length > 0)
        {
            new TableWriter(context.Out).Write(context.Get(_noHeaders) ? null : header, lines);
        }
    }
}
