using System.Text.RegularExpressions;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Samples;

/// <summary>The files of samples/monitoring with the real promtool and a running host.</summary>
public sealed partial class MonitoringSpec : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly string Folder = Path.Combine(Repository.Root, "samples", "monitoring");
    private NodeProcess _node = null!;

    public async Task InitializeAsync() => _node = await NodeProcess.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task The_alert_rules_are_valid_and_pass_their_unit_tests()
    {
        Assert.Contains("SUCCESS", await PromtoolAsync(Folder, "check", "rules", "rules.yml"), StringComparison.Ordinal);
        Assert.Contains("SUCCESS", await PromtoolAsync(Folder, "test", "rules", "rules.test.yml"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_alert_has_a_unit_test()
    {
        var tests = File.ReadAllText(Path.Combine(Folder, "rules.test.yml"));
        var alerts = Alert().Matches(File.ReadAllText(Path.Combine(Folder, "rules.yml"))).Select(m => m.Groups[1].Value).ToList();
        Assert.True(alerts.Count >= 20, string.Join(", ", alerts));
        Assert.All(alerts, alert => Assert.Contains($"alertname=\"{alert}\"", tests, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_metric_of_the_rules_is_served_by_a_host_that_has_done_nothing_yet()
    {
        var expressions = string.Join('\n', Expression().Matches(await File.ReadAllTextAsync(Path.Combine(Folder, "rules.yml"))).Select(m => m.Value));
        var used = Metric().Matches(expressions).Select(m => m.Value).Distinct().ToList();
        Assert.True(used.Count > 15, string.Join(", ", used));
        var served = await Exposition.OfAsync(_node);
        Assert.All(used, name => Assert.Contains(name.EndsWith("_bucket", StringComparison.Ordinal) ? name[..^"_bucket".Length] : name, served.Families.Keys));
    }

    [Fact]
    public async Task What_a_host_serves_is_what_prometheus_reads()
    {
        var metrics = await _node.ReadAsync("/metrics");
        var check = await Command.RunAsync("promtool", ["check", "metrics"], Bound, metrics);
        Assert.DoesNotContain("error while linting", check.Error, StringComparison.Ordinal);
        Assert.NotEqual(1, check.ExitCode); // 3 is said of names: some of Kubernetes' own are not as promtool likes them.
    }

    [Fact]
    public async Task Prometheus_scrapes_a_host_with_the_certificate_of_the_admin_and_evaluates_the_rules()
    {
        using var folder = new TempFolder();
        await using var prometheus = await PrometheusServer.StartAsync(_node, folder.Path);
        await PromtoolAsync(folder.Path, "check", "config", "prometheus.yml");
        await prometheus.SeesAsync("up{job=\"orchestrator\"} == 1");
        await prometheus.SeesAsync("kube_node_status_condition{condition=\"Ready\",status=\"true\"} == 3");
        await prometheus.AnswersAsync("/api/v1/rules", answer => RuleHealth().Matches(answer).Select(m => m.Groups[1].Value).Distinct().ToList() is ["ok"]);
    }

    private static async Task<string> PromtoolAsync(string folder, params string[] arguments) =>
        (await Command.RunAsync("sh", ["-c", $"cd '{folder}' && exec promtool {string.Join(' ', arguments)}"], Bound)).Succeeded();

    [GeneratedRegex("\"health\":\"(\\w+)\"")]
    private static partial Regex RuleHealth();

    [GeneratedRegex("- alert: (\\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex("expr:.*(\\n {10,}\\S.*)*")]
    private static partial Regex Expression();

    [GeneratedRegex("\\b(apiserver|kubernetes|kube|kubelet|scheduler|workqueue|orchestrator)_[a-z_]+\\b(?!\")")]
    private static partial Regex Metric();
}
