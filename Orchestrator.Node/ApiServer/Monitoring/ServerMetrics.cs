using Prometheus;

namespace Orchestrator.Node.ApiServer.Monitoring;

/// <summary>The metrics behind <c>/metrics</c>: those of requests and instruments are counted as things happen, the others are read when they are asked
/// for. Names that Kubernetes has mean the same here. Lives as long as the process.</summary>
internal sealed class ServerMetrics
{
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly SemaphoreSlim _one = new(1);
    private readonly StateMetrics _state;
    private readonly HostMetrics _host;

    public ServerMetrics()
    {
        var metrics = Metrics.WithCustomRegistry(_registry);
        DotNetStats.Register(_registry);
        Requests = new RequestMetrics(metrics);
        _state = new StateMetrics(metrics);
        _host = new HostMetrics(metrics);
        _ = new InstrumentExporter(metrics);
    }

    /// <summary>The metrics of requests.</summary>
    public RequestMetrics Requests { get; }

    /// <summary>Answers <c>/metrics</c>: all metrics in the text format of Prometheus.</summary>
    public async Task HandleAsync(HttpContext http, ApiServices services)
    {
        // Written when the turn is over: a client that reads slowly keeps nobody waiting.
        using var text = await ExportAsync(services, http.RequestAborted).ConfigureAwait(false);
        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await text.CopyToAsync(http.Response.Body, http.RequestAborted).ConfigureAwait(false);
    }

    // One at a time: the gauges of the state are set and read as one.
    private async Task<MemoryStream> ExportAsync(ApiServices services, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            _state.Update(services.Cache);
            await _host.UpdateAsync(services).ConfigureAwait(false);
            var text = new MemoryStream();
            await _registry.CollectAndExportAsTextAsync(text, cancellation).ConfigureAwait(false);
            text.Position = 0;
            return text;
        }
        finally
        {
            _one.Release();
        }
    }
}
