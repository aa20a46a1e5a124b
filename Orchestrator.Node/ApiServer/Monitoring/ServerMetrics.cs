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
        await _one.WaitAsync(http.RequestAborted).ConfigureAwait(false);
        try
        {
            _state.Update(services.Cache);
            await _host.UpdateAsync(services).ConfigureAwait(false);
            http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            await _registry.CollectAndExportAsTextAsync(http.Response.Body, http.RequestAborted).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }
}
