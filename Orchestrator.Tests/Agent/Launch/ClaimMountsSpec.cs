using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Tests.Agent.Launch;

/// <summary>Which volume a pod is shown for its claim.</summary>
public sealed class ClaimMountsSpec : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orchestrator-claims-");
    private readonly ClaimMounts _claims = new("n", null, isReal: false);

    private string Note => Path.Combine(_folder.FullName, "claims", "data");

    [Theory]
    [InlineData("c", null)]
    [InlineData("other", "does not belong to persistentvolumeclaim \"data\"")]
    [InlineData(null, "does not belong to persistentvolumeclaim \"data\"")]
    public void A_volume_is_shown_to_the_claim_that_it_is_reserved_for(string? reservedFor, string? refusal)
    {
        var claim = Claimed("v", reservedFor);
        if (refusal is null)
        {
            Assert.Equal("/v", Show(claim).Path);
            return;
        }

        Assert.Contains(refusal, Assert.Throws<VolumeException>(() => Show(claim)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Note));
    }

    [Fact]
    public void A_pod_goes_on_with_the_volume_that_it_began_with_and_with_no_other()
    {
        Show(Claimed("v"));
        Assert.Equal("/v", Show(Claimed("v", isDeleting: true)).Path);
        Assert.Contains("began with \"v\"", Assert.Throws<VolumeException>(() => Show(Claimed("w"))).Message, StringComparison.Ordinal);
        Assert.Equal("v", File.ReadAllText(Note));
        Assert.Contains("has lost its volume", Assert.Throws<VolumeException>(() => Show(Claimed("v") with { Volume = null })).Message, StringComparison.Ordinal);
        Assert.Contains("not found", Assert.Throws<VolumeException>(() => Show(null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pods_that_share_a_claim_can_begin_at_the_same_time()
    {
        for (var round = 0; round < 50; round++)
        {
            var folder = Path.Combine(_folder.FullName, $"round{round}");
            using var start = new Barrier(4);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait(TimeSpan.FromSeconds(20));
                    VolumeManager.Ensure(folder, (UnixFileMode)0b111_111_111);
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            Assert.True(Directory.Exists(folder));
            Assert.False(Directory.Exists(folder + ".new"));
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private PreparedVolume Show(ClaimedVolume? claim)
    {
        var pod = new PodManifest(new V1ObjectMeta { Name = "p", NamespaceProperty = "default", Uid = "u" }, new V1PodSpec { Containers = [] });
        var volume = new V1Volume { Name = "data", PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = "data" } };
        var facts = new LaunchFacts(null, "192.0.2.1", "n", 0, 0, ImmutableDictionary<string, V1ConfigMap>.Empty, ImmutableDictionary<string, V1Secret>.Empty, [])
        {
            Claims = claim is null ? ImmutableDictionary<string, ClaimedVolume>.Empty : ImmutableDictionary<string, ClaimedVolume>.Empty.Add("data", claim),
        };
        return _claims.Show(pod, volume, facts, Note, Path.Combine(_folder.FullName, "volumes", "data"));
    }

    private static ClaimedVolume Claimed(string volume, string? reservedFor = "c", bool isDeleting = false) => new(
        new V1PersistentVolumeClaim
        {
            Metadata = new() { Name = "data", NamespaceProperty = "default", Uid = "c", DeletionTimestamp = isDeleting ? DateTime.UnixEpoch : null },
            Spec = new() { VolumeName = volume },
            Status = new() { Phase = "Lost" },
        },
        new V1PersistentVolume
        {
            Metadata = new() { Name = volume },
            Spec = new() { HostPath = new() { Path = $"/{volume}" }, ClaimRef = reservedFor is null ? null : new() { NamespaceProperty = "default", Name = "data", Uid = reservedFor } },
        });
}
