using System.Globalization;
using CsCheck;
using Orchestrator.Node.Agent.Scraping;

namespace Orchestrator.Tests.Agent.Scraping;

/// <summary>The text format of Prometheus.</summary>
public sealed class PrometheusTextSpec
{
    [Theory]
    [InlineData("up 1", "up = 1 gauge")]
    [InlineData("  up\t1 1700000000000  ", "up = 1 gauge")]
    [InlineData("jobs_total 3\r", "jobs_total = 3 counter")]
    [InlineData("# TYPE jobs counter\njobs 3", "jobs = 3 counter")]
    [InlineData("# TYPE jobs_total gauge\njobs_total 3", "jobs_total = 3 gauge")]
    [InlineData("# HELP up What is up, \"or\" {not}\nup{a=\"1\",b=\"x y\"} 1e3", "up{a=1,b=x y} = 1000 gauge")]
    [InlineData("up { a = \"1\" , } -0.5", "up{a=1} = -0.5 gauge")]
    [InlineData("up{} 7", "up = 7 gauge")]
    [InlineData("up{a=\"\\\\ \\\" \\n }\"} 1", "up{a=\\ \" \n }} = 1 gauge")]
    [InlineData("up +Inf\nup -Inf\nup NaN", "up = Infinity gauge; up = -Infinity gauge; up = NaN gauge")]
    [InlineData("# TYPE t histogram\nt_bucket{le=\"1\"} 2\nt_bucket{le=\"+Inf\"} 3\nt_sum 4.5\nt_count 3", "t_sum = 4.5 counter; t_count = 3 counter")]
    [InlineData("# TYPE t summary\nt{quantile=\"0.5\"} 2\nt_sum 4.5\nt_count 3\nt_created 1", "t_sum = 4.5 counter; t_count = 3 counter")]
    [InlineData("# TYPE jobs counter\njobs_total 3 # {trace=\"x\"} 1\n# EOF", "jobs_total = 3 counter")]
    [InlineData("my_count 3\nmy_sum 4", "my_count = 3 gauge; my_sum = 4 gauge")]
    [InlineData("\n#\n# nothing\n", "")]
    public void Samples_are_read(string page, string samples) => Assert.Equal(samples, string.Join("; ", PrometheusText.Read(page).Select(Text)));

    [Theory]
    [InlineData("up 1\n<html>", "line 2 is not in the text format of Prometheus: it does not begin with the name of a metric")]
    [InlineData("up", "it has no value")]
    [InlineData("up one", "it has no value")]
    [InlineData("up{a=\"1\"", "its labels do not end with }")]
    [InlineData("up{a=\"1} 1", "the value of a label does not end")]
    [InlineData("up{a=1} 1", "the value of a label must be in quotation marks")]
    [InlineData("up{a} 1", "its labels must be written as {name=\"value\"}")]
    [InlineData("up{a=\"1\" b=\"2\"} 1", "its labels do not end with }")]
    public void What_is_wrong_is_said_with_its_line(string page, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => PrometheusText.Read(page).ToList()).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_written_is_read() => Gen.Select(Gen.Double, Gen.String).Sample((value, label) =>
    {
        var quoted = label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        var sample = Assert.Single(PrometheusText.Read(string.Create(CultureInfo.InvariantCulture, $"a:b_1{{l=\"{quoted}\"}} {value:R}")));
        return sample.Name == "a:b_1" && sample.Labels["l"] == label && (sample.Value.Equals(value) || double.IsNaN(value));
    });

    [Fact]
    public void Any_page_is_read_or_refused() => Gen.String[Gen.Char["#{}\"\\\n =,a1_TYPE \t"], 0, 60].Sample(page =>
    {
        try
        {
            return PrometheusText.Read(page).Count() <= page.Length;
        }
        catch (FormatException e)
        {
            return e.Message.StartsWith("line ", StringComparison.Ordinal);
        }
    });

    private static string Text(PrometheusSample s) => string.Create(CultureInfo.InvariantCulture,
        $"{s.Name}{(s.Labels.IsEmpty ? "" : $"{{{string.Join(',', s.Labels.Select(l => $"{l.Key}={l.Value}"))}}}")} = {s.Value} {(s.IsCounter ? "counter" : "gauge")}");
}
