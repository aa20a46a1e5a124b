using Orchestrator.Actors.Kinds.CronJobs;
using Orchestrator.Actors.Kinds.CustomResourceDefinitions;
using Orchestrator.Actors.Kinds.DaemonSets;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Kinds.ReplicationControllers;
using Orchestrator.Actors.Reconcile;

namespace Orchestrator.Node.Hosting;

/// <summary>The controllers that every control host runs.</summary>
internal static class Controllers
{
    /// <summary>One for each kind with behaviour.</summary>
    public static IReadOnlyList<IController> All { get; } =
    [
        new ReplicaSetController(), new ReplicationControllerController(), new DeploymentController(), new NamespaceController(), new NodeController(),
        new CustomResourceDefinitionController(),
        new DaemonSetController(),
        new JobController(),
        new CronJobController(),
    ];
}
