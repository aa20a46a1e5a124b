using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Kinds.CronJobs;
using Orchestrator.Actors.Kinds.CustomResourceDefinitions;
using Orchestrator.Actors.Kinds.DaemonSets;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.Endpoints;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Kinds.IPAddresses;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.NodePorts;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.PodDisruptionBudgets;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Kinds.ReplicationControllers;
using Orchestrator.Actors.Kinds.ResourceQuotas;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Kinds.StatefulSets;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.ResourceMetrics;

namespace Orchestrator.Node.Hosting;

/// <summary>The controllers that every control host runs.</summary>
internal static class Controllers
{
    /// <summary>Those that need nothing but the cluster's objects.</summary>
    public static IReadOnlyList<IController> All { get; } = Plain(null, null, null, null, null);

    /// <summary>One for each kind with behaviour.</summary>
    /// <param name="metrics">What pods use.</param>
    /// <param name="pushed">The values of other metrics.</param>
    /// <param name="autoscaling">Settings of autoscalers.</param>
    /// <param name="authority">Certificate of the API server's authority, as PEM.</param>
    /// <param name="ranges">The ranges of pod addresses.</param>
    /// <param name="services">The addresses and ports of services.</param>
    /// <param name="servers">The API servers.</param>
    /// <param name="balancing">Where load balancers get their addresses.</param>
    public static IReadOnlyList<IController> With(IResourceMetrics metrics, IPushedMetrics pushed, AutoscalerSettings autoscaling, string authority, PodRanges ranges,
        ServiceRanges services, ApiServers servers, LoadBalancing balancing) =>
        [.. Plain(authority, ranges, services, servers, balancing), new HorizontalPodAutoscalerController(metrics, pushed, autoscaling)];

    private static IReadOnlyList<IController> Plain(string? authority, PodRanges? ranges, ServiceRanges? services, ApiServers? servers, LoadBalancing? balancing) =>
    [
        new ReplicaSetController(), new ReplicationControllerController(), new StartGate(new DeploymentController()), new NamespaceController(authority), new NodeController(ranges),
        new CustomResourceDefinitionController(),
        new StartGate(new DaemonSetController()),
        new StartGate(new StatefulSetController()),
        new PodDisruptionBudgetController(),
        new StartGate(new JobController()),
        new CronJobController(),
        new ResourceQuotaController(),
        new PersistentVolumeController(),
        new PersistentVolumeClaimController(),
        new ServiceController(services, servers, balancing),
        new EndpointsController(),
        new IngressController(),
        new ReservationController(IPAddressDefinition.Instance),
        new ReservationController(NodePortDefinition.Instance),
    ];
}
