using System.Text.RegularExpressions;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Samples;

/// <summary>docs/operations/monitoring.md: its commands work as they are written, and its metrics are there.</summary>
public sealed partial class MonitoringPageSpec : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations", "monitoring.md"));
    private NodeProcess _node = null!;

    public async Task InitializeAsync() => _node = await NodeProcess.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Every_command_succeeds_as_written()
    {
        var commands = Block().Matches(Page).SelectMany(m => m.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.True(commands.Count >= 7, string.Join('\n', commands));
        var environment = new Dictionary<string, string>
        {
            ["KUBECONFIG"] = _node.Kubeconfig,
            ["ORCHESTRATOR_DATA_DIR"] = _node.DataDir,
            ["PATH"] = $"{AppContext.BaseDirectory}:{Environment.GetEnvironmentVariable("PATH")}",
        };
        foreach (var command in commands)
        {
            var line = command.Replace("127.0.0.1:6443", _node.Address.ToString(), StringComparison.Ordinal);
            var result = await Command.RunAsync("bash", ["-c", $"cd '{Repository.Root}' && {line}"], Bound, null, environment);
            Assert.True(result.Succeeded().Length > 0, command);
        }
    }

    [Fact]
    public async Task Every_metric_that_it_names_is_served()
    {
        var served = await Exposition.OfAsync(_node);
        var named = Row().Matches(Page).SelectMany(m => Metric().Matches(m.Groups[1].Value)).Select(m => m.Groups[1].Value).Where(n => !n.StartsWith('_')).Distinct().ToList();
        Assert.True(named.Count > 30, string.Join(", ", named));
        Assert.All(named, name => Assert.Contains(served.Families.Keys, f => name.EndsWith('*') ? f.StartsWith(name[..^1], StringComparison.Ordinal) : f == name));
    }

    [Fact]
    public async Task Every_metric_of_ours_that_is_served_is_named()
    {
        var served = await Exposition.OfAsync(_node);
        var ours = served.Families.Keys.Where(f => f.StartsWith("orchestrator_", StringComparison.Ordinal)).ToList();
        Assert.True(ours.Count >= 15, string.Join(", ", ours));
        Assert.All(ours, f => Assert.Contains($"`{f}`", Page, StringComparison.Ordinal));
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^\\| (`[^|]*) \\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([a-z_*]+)`")]
    private static partial Regex Metric();
}
