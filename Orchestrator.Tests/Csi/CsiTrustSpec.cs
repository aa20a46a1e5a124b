using Grpc.Core;
using Orchestrator.Node.Agent.Csi;
using Orchestrator.Node.Agent.Csi.Wire;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Csi;

/// <summary>What a driver may say and do, and whom it harms if it does something else.</summary>
public sealed class CsiTrustSpec : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly TempFolder _folder = new();
    private FakeDriver _driver = null!;

    private string Pods => _folder.File("agent");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_folder.File("plugins"));
        _driver = await FakeDriver.StartAsync(_folder.File("plugins/a.sock"));
    }

    public async Task DisposeAsync()
    {
        await _driver.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("../evil", "1.0.0", "", "is not a name of a driver")]
    [InlineData("fake.example.com", "0.3.0", "", "1.x is needed")]
    [InlineData("fake.example.com", "1.0.0", "/var/run/docker.sock", "must be the full path of a socket below")]
    [InlineData("fake.example.com", "1.0.0", "{root}/plugins/../../x.sock", "must be the full path of a socket below")]
    [InlineData("fake.example.com", "1.0.0", "{root}/plugins", "must be the full path of a socket below")]
    public async Task A_plugin_says_who_it_is(string name, string version, string endpoint, string refusal)
    {
        _driver.Info = new PluginInfo { Type = "CSIPlugin", Name = name, Endpoint = endpoint.Replace("{root}", _folder.Path, StringComparison.Ordinal), SupportedVersions = { version } };
        Assert.Contains(refusal, (await Assert.ThrowsAsync<RegistrationException>(() => _driver.ReadAsync(_folder.Path))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node-role.kubernetes.io/control-plane", "true", "of labels of Kubernetes it may name only")]
    [InlineData("a b", "true", "says where the node is by")]
    [InlineData("fake.example.com/zone", "a b", "says where the node is by")]
    [InlineData("topology.kubernetes.io/zone", "z", null)]
    [InlineData("fake.example.com/zone", "z", null)]
    public async Task A_driver_says_where_the_node_is_and_nothing_else_of_it(string label, string value, string? refusal)
    {
        _driver.NodeInfo = new NodeGetInfoResponse { NodeId = "n", AccessibleTopology = new() { Segments = { [label] = value } } };
        if (refusal is null)
        {
            Assert.Equal(value, (await _driver.ReadAsync(_folder.Path))!.Topology[label]);
            return;
        }

        Assert.Contains(refusal, (await Assert.ThrowsAsync<RegistrationException>(() => _driver.ReadAsync(_folder.Path))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plugins_of_other_types_are_left_alone()
    {
        _driver.Info = new PluginInfo { Type = "DevicePlugin", Name = "x" };
        Assert.Null(await _driver.ReadAsync(_folder.Path));
    }

    [Fact]
    public async Task A_volume_is_staged_once_and_unstaged_after_its_last_pod()
    {
        var node = await NodeAsync();
        await node.Mounts.MountAsync(Mount("one", "v"), CancellationToken.None);
        await node.Mounts.MountAsync(Mount("two", "v"), CancellationToken.None);
        Assert.Equal(["stage v", "publish v", "stage v", "publish v"], _driver.Calls);

        // An agent that starts anew knows what there is by what it noted.
        var next = Again(node);
        _driver.Calls.Clear();
        _driver.During = (call, _) => Task.FromResult(call == "unpublish" && Delete(node, "one", "two"));
        await next.Mounts.UnmountAsync("one", CancellationToken.None);
        Assert.Equal(["unpublish v"], _driver.Calls);
        await next.Mounts.UnmountAsync("two", CancellationToken.None);
        Assert.Equal(["unpublish v", "unpublish v", "unstage v"], _driver.Calls);
        Assert.False(next.Mounts.Has("one") || next.Mounts.Has("two"));
        Assert.Empty(Directory.GetDirectories(node.Paths.Pods));
    }

    [Fact]
    public async Task A_volume_that_was_only_noted_is_undone_too()
    {
        var node = await NodeAsync();
        await node.Mounts.NoteAsync(Mount("one", "v"), CancellationToken.None);
        Assert.Empty(_driver.Calls);
        CsiRecord? released = null;
        node.Mounts.Released = (record, _) =>
        {
            released = record;
            return Task.CompletedTask;
        };
        await node.Mounts.UnmountAsync("one", CancellationToken.None);
        Assert.Equal("v", released?.Handle);
        Assert.False(node.Mounts.Has("one"));
    }

    [Fact]
    public async Task A_driver_that_hangs_holds_up_its_own_volume_and_no_other()
    {
        var node = await NodeAsync();
        var stuck = new TaskCompletionSource();
        _driver.During = (call, volume) => call == "stage" && volume == "stuck" ? stuck.Task : Task.CompletedTask;
        using var stop = new CancellationTokenSource();
        var hanging = node.Mounts.MountAsync(Mount("one", "stuck"), stop.Token);
        await Poll.UntilAsync(() => Task.FromResult(_driver.Calls.Contains("stage stuck")), Bound, () => "the driver was asked");
        await node.Mounts.MountAsync(Mount("two", "other"), CancellationToken.None).WaitAsync(Bound);

        // The pod goes: nothing is undone beside the call, and all of it after it.
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
        var undone = node.Mounts.UnmountAsync("one", CancellationToken.None);
        Assert.DoesNotContain("unpublish stuck", _driver.Calls);
        stuck.SetResult();
        await undone.WaitAsync(Bound);
        Assert.Equal("unstage stuck", _driver.Calls.Last());
    }

    [Fact]
    public async Task A_pod_is_not_shown_what_a_driver_links_to()
    {
        var node = await NodeAsync();
        _driver.Publishes = target => File.CreateSymbolicLink(target, "/etc");
        Assert.Contains("has left no folder at", (await Assert.ThrowsAsync<VolumeException>(() => node.Mounts.MountAsync(Mount("one", "v"), CancellationToken.None))).Message, StringComparison.Ordinal);

        // What it left goes, and nothing that it points to.
        await node.Mounts.UnmountAsync("one", CancellationToken.None);
        Assert.False(node.Mounts.Has("one"));
        Assert.True(File.Exists("/etc/passwd"));
    }

    [Fact]
    public async Task What_is_left_in_a_folder_is_not_deleted()
    {
        var node = await NodeAsync();
        await node.Mounts.MountAsync(Mount("one", "v"), CancellationToken.None);
        var file = Path.Combine(node.Paths.Target("one", "v"), "data");
        await File.WriteAllTextAsync(file, "x");
        Assert.Contains("is not empty although nothing is mounted there", (await Assert.ThrowsAsync<VolumeException>(() => node.Mounts.UnmountAsync("one", CancellationToken.None))).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(file));
        File.Delete(file);
        await node.Mounts.UnmountAsync("one", CancellationToken.None);
        Assert.False(node.Mounts.Has("one"));
    }

    [Fact]
    public async Task A_refusal_is_said_in_the_words_of_the_driver_and_undone_all_the_same()
    {
        var node = await NodeAsync();
        _driver.During = (call, _) => call == "publish" ? throw new RpcException(new Status(StatusCode.Internal, "no\nluck")) : Task.CompletedTask;
        Assert.Equal("MountVolume.SetUp failed for volume \"v\" : rpc error: code = Internal desc = no luck",
            (await Assert.ThrowsAsync<VolumeException>(() => node.Mounts.MountAsync(Mount("one", "v"), CancellationToken.None))).Message);
        await node.Mounts.UnmountAsync("one", CancellationToken.None);
        Assert.Equal(["stage v", "publish v", "unpublish v", "unstage v"], _driver.Calls);
        await Assert.ThrowsAsync<VolumeException>(() => node.Mounts.MountAsync(Mount("two", "v") with { Driver = "other.example.com" }, CancellationToken.None));
        Assert.False(node.Mounts.Has("two"));
    }

    private static bool Delete(CsiNode node, params string[] pods)
    {
        foreach (var target in pods.Select(p => node.Paths.Target(p, "v")).Where(Directory.Exists))
        {
            Directory.Delete(target);
        }

        return true;
    }

    private static CsiMount Mount(string pod, string volume) => new(pod, "data", volume, "fake.example.com", volume);

    private async Task<CsiNode> NodeAsync()
    {
        var node = CsiNode.At(_folder.Path, Pods, TimeProvider.System);
        node.Drivers.Add((await _driver.ReadAsync(_folder.Path))!);
        return node;
    }

    private CsiNode Again(CsiNode before)
    {
        var node = CsiNode.At(_folder.Path, Pods, TimeProvider.System);
        node.Drivers.Add(before.Drivers.All.First());
        return node;
    }
}
