using Orchestrator.Node.Hosting;

namespace Orchestrator.Tests.Journal;

public class RetentionOptionsSpec
{
    [Theory]
    [InlineData(null, 30 * 24.0)]
    [InlineData("90m", 1.5)]
    [InlineData("7d", 7 * 24.0)]
    [InlineData("off", null)]
    [InlineData("0", null)]
    public void It_is_a_duration_or_off(string? given, double? hours)
    {
        var (options, error) = NodeCommand.Read(given is null ? [] : ["--journal-retention", given], _ => null);
        Assert.Null(error);
        Assert.Equal(hours, options!.JournalRetention?.TotalHours);
        Assert.Equal(hours, NodeCommand.Read([], name => name == "ORCHESTRATOR_JOURNAL_RETENTION" ? given : null).Options!.JournalRetention?.TotalHours);
    }

    [Theory]
    [InlineData("5m")]
    [InlineData("-1d")]
    [InlineData("never")]
    public void Else_it_is_refused(string given) =>
        Assert.Contains("journal-retention", NodeCommand.Read(["--journal-retention", given], _ => null).Error, StringComparison.Ordinal);
}
