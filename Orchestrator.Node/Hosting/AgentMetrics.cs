using System.Text;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Monitoring;
using Prometheus;

namespace Orchestrator.Node.Hosting;

/// <summary>The metrics of this process that its agents show as <c>/metrics</c>: those of agents, and of the process itself. Also a host without an API server has them.</summary>
internal sealed class AgentMetrics
{
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();

    public AgentMetrics()
    {
        var metrics = Metrics.WithCustomRegistry(_registry);
        DotNetStats.Register(_registry);
        metrics.CreateGauge("kubernetes_build_info", "The version of this host; always 1.", ["git_version"]).WithLabels(Release.Full).Set(1);
        _ = new InstrumentExporter(metrics, name => name.StartsWith("kubelet_", StringComparison.Ordinal) || name.StartsWith("orchestrator_ingress_", StringComparison.Ordinal));
    }

    /// <summary>Exports them in the text format of Prometheus.</summary>
    public async Task<string> ExportAsync(CancellationToken cancellation)
    {
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, cancellation).ConfigureAwait(false);
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
