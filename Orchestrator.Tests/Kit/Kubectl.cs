namespace Orchestrator.Tests.Kit;

/// <summary>An unmodified kubectl of some version, pointed at a cluster.</summary>
/// <param name="program">Path of the binary.</param>
/// <param name="kubeconfig">Path of the kubeconfig; null for verbs that need no cluster.</param>
internal sealed class Kubectl(string program, string? kubeconfig = null)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>The kubectl of PATH and, where several versions lie beside it, the oldest and the newest of them.</summary>
    public static IReadOnlyList<string> Programs { get; } = Find();

    /// <summary>One row per version, for a theory.</summary>
    public static TheoryData<string> Versions => [.. Programs];

    public Task<CommandResult> RunAsync(params string[] arguments) => Command.RunAsync(program, WithConfig(arguments), Bound);

    public Task<CommandResult> FeedAsync(string input, params string[] arguments) =>
        Command.RunAsync(program, WithConfig(arguments), Bound, input);

    private IEnumerable<string> WithConfig(string[] arguments) => kubeconfig is null ? arguments : [$"--kubeconfig={kubeconfig}", .. arguments];

    private static List<string> Find()
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "kubectl")).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException("There is no kubectl on PATH (Debian: kubernetes-client).");
        var real = File.ResolveLinkTarget(onPath, returnFinalTarget: true)?.FullName ?? onPath;
        var beside = Directory.GetFiles(Path.GetDirectoryName(real)!, "kubectl.1.*").OrderBy(MinorOf).ToList();
        return [.. new[] { real, beside.FirstOrDefault(), beside.LastOrDefault() }.OfType<string>().Distinct()];
    }

    private static int MinorOf(string path) => int.TryParse(path[(path.LastIndexOf('.') + 1)..], out var minor) ? minor : 0;
}
