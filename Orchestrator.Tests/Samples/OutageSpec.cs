using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Samples;

/// <summary>The outage of docs/operations/troubleshooting.md as it is told there: a disk, a host, kubectl, orc and Prometheus with the sample rules.</summary>
public sealed class OutageSpec : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations", "troubleshooting.md"));
    private readonly TempFolder _folder = new();

    private string Disk => _folder.File("journal-disk");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Disk);
        if (Environment.IsPrivilegedProcess)
        {
            (await Command.RunAsync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", Disk], Bound)).Succeeded();
        }
    }

    public async Task DisposeAsync()
    {
        if (Environment.IsPrivilegedProcess)
        {
            (await Command.RunAsync("umount", ["-l", Disk], Bound)).Succeeded();
        }

        _folder.Dispose();
    }

    [RootFact]
    public async Task It_goes_as_the_page_tells()
    {
        await using var node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1, Options: ["--journal", Path.Combine(Disk, "journal.db")]));
        await using var prometheus = await PrometheusServer.StartAsync(node, _folder.Path);
        await prometheus.SeesAsync("up{job=\"orchestrator\"} == 1");
        await BashAsync(node, "dd if=/dev/zero of=$DISK/ballast bs=64k; true");
        await File.WriteAllTextAsync(_folder.File("large.txt"), new string('x', 500_000));
        var refused = await BashAsync(node, "kubectl create configmap large --from-file=large.txt");
        Assert.NotEqual(0, refused.ExitCode);
        Told("The disk of the journal is full; nothing was stored. Free space on it, then try again.", refused.Error);

        await prometheus.SeesAsync("ALERTS{alertname=\"OrchestratorJournalFull\",alertstate=\"firing\"} == 1");
        Told("the host goes on by itself", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "monitoring", "rules.yml")));
        await BashAsync(node, "kubectl create configmap large --from-file=large.txt"); // Readiness remembers a refusal for 15 s.
        var status = await BashAsync(node, "orc status");
        status.EndedWith(3);
        Told("failed  not ready: journal: the disk of the journal is full; free space on it", Columns(status.Output));
        Told("failed  its disk is full (", Columns(status.Output));
        Assert.Contains("ballast", (await BashAsync(node, "du -xsh $DISK/* | sort -h | tail -3")).Succeeded(), StringComparison.Ordinal);

        await BashAsync(node, "rm $DISK/ballast");
        (await BashAsync(node, "kubectl create configmap small --from-literal=a=b")).Succeeded();
        var well = "";
        await Poll.UntilAsync(async () => (well = (await BashAsync(node, "orc status")).Output).Contains("The cluster is healthy.", StringComparison.Ordinal), Bound, () => $"all is well again: {well}");
        Told("ok      writable", Columns(well));
        await prometheus.SeesAsync("absent(ALERTS{alertname=\"OrchestratorJournalFull\"}) == 1");
    }

    // What happened is what the page says.
    private static void Told(string sentence, string happened)
    {
        Assert.Contains(sentence, Page, StringComparison.Ordinal);
        Assert.Contains(sentence, happened, StringComparison.Ordinal);
    }

    // Columns are as wide as the longest cell of the table; on the page, two spaces apart from "failed".
    private static string Columns(string table) => table.Replace("failed   ", "failed  ", StringComparison.Ordinal).Replace("ok       ", "ok      ", StringComparison.Ordinal);

    private Task<CommandResult> BashAsync(NodeProcess node, string line) => Command.RunAsync("bash", ["-c", $"cd '{_folder.Path}' && {line}"], Bound, null, new Dictionary<string, string>
    {
        ["KUBECONFIG"] = node.Kubeconfig,
        ["DISK"] = Disk,
        ["PATH"] = $"{AppContext.BaseDirectory}:{Environment.GetEnvironmentVariable("PATH")}",
    });
}
