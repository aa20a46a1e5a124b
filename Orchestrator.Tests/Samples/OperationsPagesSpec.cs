using System.Text.RegularExpressions;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Samples;

/// <summary>docs/operations: the commands of each page work as they are written, one after the other, on a host that <c>orc up</c> started.</summary>
public sealed partial class OperationsPagesSpec : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);
    private static readonly string Pages = Path.Combine(Repository.Root, "docs", "operations");
    private readonly TempFolder _folder = new();
    private string Data => _folder.File("data");

    public async Task InitializeAsync() => await RunAsync("orc up");

    public async Task DisposeAsync()
    {
        await RunAsync("orc down --purge");
        _folder.Dispose();
    }

    [Theory]
    [InlineData("backup.md", 5)]
    [InlineData("upgrade.md", 6)]
    [InlineData("certificates.md", 3)]
    [InlineData("autoscaling.md", 7)]
    [InlineData("storage.md", 10)]
    [InlineData("accounts.md", 9)]
    public async Task Every_command_succeeds_as_written(string page, int least)
    {
        var commands = Block().Matches(await File.ReadAllTextAsync(Path.Combine(Pages, page))).SelectMany(m => m.Groups[1].Value.Split('\n'))
            .Where(l => l.Length > 0 && !l.StartsWith('#')).ToList();
        Assert.True(commands.Count >= least, string.Join('\n', commands));
        foreach (var command in commands.Select(c => c.Replace("samples/", $"{Repository.Root}/samples/", StringComparison.Ordinal)))
        {
            await RunAsync(command);
        }
    }

    [Fact]
    public void The_unit_starts_the_program_with_options_that_it_has()
    {
        var unit = File.ReadAllText(Path.Combine(Repository.Root, "samples", "systemd", "orchestrator.service"));
        var start = ExecStart().Match(unit).Groups[1].Value.Split(' ');
        var config = _folder.File("orchestrator.conf");
        File.WriteAllText(config, Hocon().Match(File.ReadAllText(Path.Combine(Pages, "service.md"))).Groups[1].Value);
        var (options, error) = Orchestrator.Node.Hosting.NodeCommand.Read([.. start[1..^1], config], _ => null);
        Assert.Null(error);
        Assert.Equal(("10.0.0.1:6443", "10.0.0.1", 7000), (options!.ApiAddress.ToString(), options.ClusterHost, options.ClusterPort));
    }

    [Fact]
    public void Every_page_is_linked_from_the_readme()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        Assert.All(Directory.GetFiles(Pages, "*.md").Select(Path.GetFileName), p => Assert.Contains($"(docs/operations/{p})", readme, StringComparison.Ordinal));
    }

    // A second host of the page has another directory, and the same address once the first is down.
    private async Task RunAsync(string command)
    {
        var environment = new Dictionary<string, string>
        {
            ["ORCHESTRATOR_DATA_DIR"] = Data,
            ["ORCHESTRATOR_RUNTIME"] = "simulated",
            ["ORCHESTRATOR_API_ADDRESS"] = command.Contains("restored", StringComparison.Ordinal) ? Second : First,
            ["PATH"] = $"{AppContext.BaseDirectory}:{Environment.GetEnvironmentVariable("PATH")}",
            ["KUBECONFIG"] = Path.Combine(Data, "admin.kubeconfig"),
        };
        var result = await Command.RunAsync("bash", ["-c", $"cd '{_folder.Path}' && {command}"], Bound, null, environment);
        Assert.True(result.ExitCode == 0, $"{command}: {result.Output}{result.Error}");
    }

    private string First { get; } = FreePort.Address().ToString();

    private string Second { get; } = FreePort.Address().ToString();

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^ExecStart=(.*)$", RegexOptions.Multiline)]
    private static partial Regex ExecStart();

    [GeneratedRegex("```hocon\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Hocon();
}
