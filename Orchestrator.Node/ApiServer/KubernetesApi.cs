using Orchestrator.Node.ApiServer.Auth;
using Orchestrator.Node.ApiServer.Monitoring;
using Orchestrator.Node.ApiServer.Pipeline;

namespace Orchestrator.Node.ApiServer;

/// <summary>The API server: the stages that a request passes, in their order.</summary>
internal sealed class KubernetesApi
{
    private readonly RequestPipeline _pipeline;

    public KubernetesApi(ApiServices services, Authenticator authenticator, ILogger<KubernetesApi> log)
    {
        var metrics = new ServerMetrics();
        _pipeline = new RequestPipeline(services.Cache.Registry,
            new MeasurementStage(metrics.Requests, services.Time),
            new ErrorStage(log),
            new HealthStage(services),
            new AuthenticationStage(authenticator),
            new AuthorizationStage(services),
            new MetricsStage(metrics, services),
            new ReadinessStage(services),
            new BackupStage(services),
            new ResourceStage(new ResourceRouter(services, authenticator)),
            new CustomMetricsStage(services),
            new IssuerStage(services),
            new DiscoveryStage(services.Cache.Registry),
            new HistoryStage(services));
    }

    /// <summary>Answers a request.</summary>
    public Task HandleAsync(HttpContext http) => _pipeline.HandleAsync(http);
}
