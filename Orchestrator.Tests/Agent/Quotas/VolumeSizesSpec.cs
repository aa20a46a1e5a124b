using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Quotas;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Quotas;

/// <summary>When the agent enforces the size of a volume: from before its first pod until its folder is gone.</summary>
public sealed class VolumeSizesSpec : TestKit
{
    private const string Name = "pvc-1";
    private const long Mebi = 1 << 20;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly FakeDisk _disk = new();
    private readonly TempFolder _pods = new();
    private readonly SemaphoreSlim _gate = new(1);

    [Fact]
    public async Task A_volume_has_its_size_before_its_pod_begins_grows_with_its_claim_and_lets_go_at_the_end()
    {
        var region = Sys.ActorOf(Akka.Actor.Props.Create(() => new Objects(TestActor)));
        var services = new AgentServices("n", "192.0.2.1", new FakeRuntime(TimeProvider.System), "fake", ActorRefs.Nobody, region, _pods.Path, TimeProvider.System, _gate, ImmutableDictionary<string, string>.Empty, "here", new AgentReadiness([]))
        {
            LocalVolumes = _disk.Volumes,
            Sizes = new VolumeSizes(new FolderQuotas(_disk.Records, _disk), Sys.Log),
        };
        var launcher = new PodLauncher(services);
        var volume = new V1Volume { Name = "data", PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = "data" } };
        var pod = new PodManifest(new V1ObjectMeta { Name = "p", NamespaceProperty = "default", Uid = "u" }, new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "i" }], Volumes = [volume] });

        region.Tell(new Size(1));
        await launcher.MountAsync(pod, CancellationToken.None).WaitAsync(Bound);
        var project = _disk.Of(_disk.PathOf(Name));
        Assert.Equal(Mebi, _disk.Limits[project]);

        region.Tell(new Size(2));
        Assert.Empty(await launcher.UpdateVolumesAsync(pod, null, CancellationToken.None).WaitAsync(Bound));
        Assert.Equal(2 * Mebi, _disk.Limits[project]);

        while (ExpectMsg<MergeObject>(Bound).Verb != "prepared")
        {
        }

        new VolumeReclaimer(services, Sys.Log, CancellationToken.None).Reclaim(Objects.Volume(2), _ => false);
        Assert.Equal("finalized", ExpectMsg<MergeObject>(Bound).Verb);
        Assert.Equal(0, _disk.Limits[project]);
        Assert.Empty(Directory.GetFiles(_disk.Records));
        Assert.False(Directory.Exists(_disk.PathOf(Name)));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _gate.Dispose();
        _disk.Dispose();
        _pods.Dispose();
    }

    /// <summary>The size of the volume from now on, in MiB.</summary>
    private sealed record Size(int Mebi);

    /// <summary>A claim, its volume and their node. What is written goes to a listener.</summary>
    private sealed class Objects : ReceiveActor
    {
        private int _size = 1;

        public Objects(IActorRef writes)
        {
            Receive<Size>(size => _size = size.Mebi);
            Receive<ObjectCommand>(command =>
            {
                if (command is MergeObject)
                {
                    writes.Tell(command);
                }

                Sender.Tell(new CommandReply(command.Key.Resource == PersistentVolumeDefinition.Instance.Resource ? Volume(_size) : command.Key.Resource == NodeDefinition.Instance.Resource ? Node : Claim, null) { CorrelationId = command.CorrelationId });
            });
        }

        private static KubeObject Claim => KubeObject.From(PersistentVolumeClaimDefinition.Instance, (JsonObject)JsonNode.Parse(
            """{"metadata":{"name":"data","namespace":"default","uid":"1"},"spec":{"volumeName":"pvc-1"},"status":{"phase":"Bound"}}""")!);

        private static KubeObject Node => KubeObject.From(NodeDefinition.Instance, (JsonObject)JsonNode.Parse("""{"metadata":{"name":"n","uid":"n","labels":{"kubernetes.io/hostname":"n"}}}""")!);

        public static KubeObject Volume(int mebi) => KubeObject.From(PersistentVolumeDefinition.Instance, (JsonObject)JsonNode.Parse(string.Create(CultureInfo.InvariantCulture, $$$"""
            {"metadata":{"name":"pvc-1","uid":"v","finalizers":["{{{LocalVolumes.Finalizer}}}"],"annotations":{"{{{VolumeAnnotations.ProvisionedBy}}}":"{{{LocalVolumes.Provisioner}}}"} },
             "spec":{"capacity":{"storage":"{{{mebi}}}Mi"},"local":{"path":"/elsewhere/pvc-1"},"claimRef":{"namespace":"default","name":"data","uid":"1"},
              "nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"In","values":["n"]}]}]} } } }
            """))!);
    }
}
