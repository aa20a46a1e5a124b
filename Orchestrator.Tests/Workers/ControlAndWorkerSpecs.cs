using Orchestrator.Tests.Samples;
using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Workers;

/// <summary>What one process does, a control process and a worker do together: the same tests.</summary>
[Collection(ControlAndWorkerCollection.Name)]
public sealed class ChangeOnControlAndWorkerSpec(ControlAndWorkerCluster cluster) : ChangeSpec(cluster);

[Collection(ControlAndWorkerCollection.Name)]
public sealed class DeleteOnControlAndWorkerSpec(ControlAndWorkerCluster cluster) : DeleteSpec(cluster);

[Collection(ControlAndWorkerCollection.Name)]
public sealed class DescribeOnControlAndWorkerSpec(ControlAndWorkerCluster cluster) : DescribeSpec(cluster);

[Collection(ControlAndWorkerCollection.Name)]
public sealed class GetOnControlAndWorkerSpec(ControlAndWorkerCluster cluster) : GetSpec(cluster);

[Collection(ControlAndWorkerCollection.Name)]
public sealed class IntroOnControlAndWorkerSpec(ControlAndWorkerCluster cluster) : IntroSpec(cluster);

[Collection(ControlAndWorkerCollection.Name)]
public sealed class LogsOnControlAndWorkerSpec(ControlAndWorkerCluster cluster) : LogsSpec(cluster);

[Collection(ControlAndWorkerCollection.Name)]
public sealed class NodeOnControlAndWorkerSpec(ControlAndWorkerCluster cluster) : NodeSpec(cluster);

[Collection(ControlAndWorkerCollection.Name)]
public sealed class RolloutOnControlAndWorkerSpec(ControlAndWorkerCluster cluster) : RolloutSpec(cluster);
