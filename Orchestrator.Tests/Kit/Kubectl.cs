using System.Text.Json.Nodes;

namespace Orchestrator.Tests.Kit;

/// <summary>Runs an unmodified kubectl against a cluster.</summary>
/// <param name="version">One of <see cref="Versions"/>.</param>
/// <param name="kubeconfig">Path of the kubeconfig; null for commands without a cluster.</param>
/// <param name="space">Namespace of every command; null for that of the kubeconfig.</param>
internal sealed class Kubectl(string version, string? kubeconfig = null, string? space = null)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private const string SpdyOnly = "1.20";
    private static string? _old;
    private static readonly Lazy<IReadOnlyDictionary<string, string>> Found = new(Find);

    /// <summary>One row per version, for a theory: the oldest and the newest that lie beside the kubectl of PATH, or that one alone.</summary>
    public static TheoryData<string> Versions => [.. Found.Value.Keys];

    /// <summary>The same and one that knows SPDY only, for streams to pods.</summary>
    public static TheoryData<string> StreamVersions => [.. StreamVersionNames];

    /// <summary>The same, without the rows.</summary>
    public static IReadOnlyCollection<string> StreamVersionNames => [SpdyOnly, .. VersionNames];

    /// <summary>The versions of <see cref="Versions"/>, without the rows.</summary>
    public static IReadOnlyCollection<string> VersionNames => [.. Found.Value.Keys];

    /// <summary>The newest version, for specs that are not about kubectl.</summary>
    public static string Newest => Found.Value.Keys.Last();

    /// <summary>Provides the one that knows SPDY only; whoever uses <see cref="StreamVersions"/> calls it before.</summary>
    public static async Task FetchOldAsync() =>
        _old = (await Command.RunAsync(Path.Combine(Repository.Root, "scripts", "fetch-old-kubectl.sh"), [], TimeSpan.FromMinutes(3))).Succeeded().Trim();

    public Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync(Program, WithConfig(arguments), Bound);

    public Task<CommandResult> FeedAsync(string input, params string[] arguments) =>
        Command.RunAsync(Program, WithConfig(arguments), Bound, input);

    /// <summary>Runs a command line without quoted words; it must succeed.</summary>
    /// <returns>Its output.</returns>
    public async Task<string> SucceedAsync(string line) => (await RunAsync(Words(line))).Succeeded();

    /// <summary>Runs a command line that must fail.</summary>
    /// <returns>Its error message.</returns>
    public async Task<string> FailAsync(string line)
    {
        var result = await RunAsync(Words(line));
        Assert.True(result.ExitCode != 0, $"{result.CommandLine} should have been refused: {result.Output}");
        return result.Error;
    }

    public async Task<JsonNode> JsonAsync(string line) => JsonNode.Parse(await SucceedAsync($"{line} -o json"))!;

    /// <summary>Starts a long-running command, such as a watch.</summary>
    public BackgroundProcess Start(string line) => new(Program, WithConfig(Words(line)));

    /// <summary>Runs a line with an editor that is this shell command, the file's path as its last word.</summary>
    public async Task<CommandResult> EditAsync(string line, string editor) => await Command.RunAsync(
        Program, WithConfig(Words(line)), Bound, environment: new Dictionary<string, string> { ["KUBE_EDITOR"] = editor });

    /// <summary>Repeats a command until its output satisfies a condition.</summary>
    public async Task<string> WaitForAsync(string line, Func<string, bool> fact, TimeSpan? bound = null)
    {
        CommandResult? last = null;
        await Poll.UntilAsync(
            async () => (last = await RunAsync(Words(line))).ExitCode == 0 && fact(last.Output),
            bound ?? Bound, () => $"{last?.CommandLine}; last: {last?.Output}{last?.Error}");
        return last!.Output;
    }

    /// <summary>A command line for a shell.</summary>
    public string Line(string line) => $"{Program} {string.Join(' ', WithConfig([line]))}";

    public string? Space => space;

    private string Program => version == SpdyOnly ? _old ?? throw new InvalidOperationException("FetchOldAsync comes first.") : Found.Value[version];

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private IEnumerable<string> WithConfig(string[] arguments) =>
        [.. kubeconfig is null ? [] : (string[])[$"--kubeconfig={kubeconfig}"], .. space is null ? [] : (string[])[$"--namespace={space}"], .. arguments];

    private static Dictionary<string, string> Find()
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "kubectl")).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException(
                "There is no kubectl on PATH: put the folder that scripts/fetch-kubectl.sh prints on it.");
        var real = File.ResolveLinkTarget(onPath, returnFinalTarget: true)?.FullName ?? onPath;
        var beside = Directory.GetFiles(Path.GetDirectoryName(real)!, "kubectl.1.*").OrderBy(MinorOf).ToList();
        return beside.Count == 0
            ? new() { ["of PATH"] = real }
            : ((string[])[.. new[] { beside[0], beside[^1] }.Distinct()]).ToDictionary(p => $"1.{MinorOf(p)}", p => p);
    }

    private static int MinorOf(string path) => int.TryParse(path[(path.LastIndexOf('.') + 1)..], out var minor) ? minor : 0;
}
