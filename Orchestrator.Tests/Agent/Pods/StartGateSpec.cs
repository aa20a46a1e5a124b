using System.Collections.Immutable;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using k8s.Models;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Tests.Agent.Pods;

/// <summary>What the limit on starts that run in parallel covers: the runtime, and nothing that a pod waits for before.</summary>
public sealed class StartGateSpec : TestKit
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orchestrator-gate-");
    private readonly SemaphoreSlim _gate = new(1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pod_whose_volumes_are_not_there_yet_holds_up_no_other(bool isSandbox)
    {
        var runtime = new FakeRuntime(TimeProvider.System);
        var services = new AgentServices("n", "192.0.2.1", runtime, "fake", ActorRefs.Nobody, TestActor, _folder.FullName, TimeProvider.System, _gate, ImmutableDictionary<string, string>.Empty, "here", new AgentReadiness([]));
        var hooks = new PodHooks(services);
        var steps = new PodSteps(services, new PodLauncher(services), hooks, new PodTermination(services, hooks));
        var pod = new PodManifest(
            new V1ObjectMeta { Name = "p", NamespaceProperty = "default", Uid = "u" },
            new V1PodSpec
            {
                Containers = [new V1Container { Name = "c", Image = "i" }],
                Volumes = [new V1Volume { Name = "data", PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = "data" } }],
            });
        using var over = new CancellationTokenSource();
        var step = steps.RunAsync(pod, null, 0, isSandbox ? new PodStep.CreateSandbox() : new PodStep.Start(pod.Spec.Containers[0], 0), over.Token);
        ExpectMsg<GetObject>(Bound);
        Assert.Equal(1, _gate.CurrentCount);

        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => step.WaitAsync(Bound));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _gate.Dispose();
        _folder.Delete(recursive: true);
    }
}
