namespace Orchestrator.Tests.Kit;

/// <summary>A Prometheus that scrapes a host every second with the configuration and the rules of samples/monitoring.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);
    private readonly BackgroundProcess _process;
    private readonly HttpClient _http;

    private PrometheusServer(BackgroundProcess process, string address) =>
        (_process, _http) = (process, new HttpClient { BaseAddress = new Uri($"http://{address}"), Timeout = TimeSpan.FromSeconds(10) });

    /// <summary>Starts it.</summary>
    /// <param name="node">What it scrapes.</param>
    /// <param name="folder">Where its files go.</param>
    public static async Task<PrometheusServer> StartAsync(NodeProcess node, string folder)
    {
        var samples = Path.Combine(Repository.Root, "samples", "monitoring");
        var text = (await File.ReadAllTextAsync(Path.Combine(samples, "prometheus.yml")))
            .Replace("/var/lib/orchestrator", node.DataDir, StringComparison.Ordinal).Replace("127.0.0.1:6443", node.Address.ToString(), StringComparison.Ordinal)
            .Replace("_interval: 15s", "_interval: 1s", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), text);
        File.Copy(Path.Combine(samples, "rules.yml"), Path.Combine(folder, "rules.yml"));
        var address = FreePort.Address().ToString();
        return new PrometheusServer(new BackgroundProcess("sh",
            ["-c", $"exec prometheus --config.file={folder}/prometheus.yml --storage.tsdb.path={folder}/prometheus --web.listen-address={address} 2>&1"]), address);
    }

    /// <summary>Waits until a query has a value.</summary>
    public Task SeesAsync(string query) => AnswersAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}", a => a.Contains("\"value\":", StringComparison.Ordinal));

    /// <summary>Waits until a path is answered as expected.</summary>
    public async Task AnswersAsync(string path, Func<string, bool> isSo)
    {
        var last = "";
        await Poll.UntilAsync(async () =>
        {
            try
            {
                return isSo(last = await _http.GetStringAsync(new Uri(path, UriKind.Relative)));
            }
            catch (HttpRequestException)
            {
                return false; // Not listening yet.
            }
        }, Bound, () => $"prometheus answers {path} as expected; it answered {last} and said:\n{_process.Output}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }
}
