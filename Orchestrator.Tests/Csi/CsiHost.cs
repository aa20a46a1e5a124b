using System.Diagnostics;
using Orchestrator.Node.Agent.Csi.Wire;
using Orchestrator.Node.Agent.Csi;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Csi;

/// <summary>A node on Docker with a folder of CSI drivers of its own, and the sample driver, which can be killed and restarted.</summary>
public sealed class CsiHost : IAsyncLifetime
{
    /// <summary>Name of the sample driver.</summary>
    public const string DriverName = "loop.csi.orchestrator.io";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();
    private Process? _driver;

    internal NodeProcess Node { get; private set; } = null!;

    internal Kubectl Kubectl { get; private set; } = null!;

    /// <summary>Where drivers and volumes are.</summary>
    public string KubeletDir => Path.Combine(_folder.Path, "kubelet");

    /// <summary>Where the driver keeps its images.</summary>
    public string Images => Path.Combine(_folder.Path, "images");

    /// <summary>Folder of the driver's own socket.</summary>
    public string Endpoint => Path.Combine(KubeletDir, "plugins", DriverName, "csi.sock");

    /// <summary>The socket by which the driver registers.</summary>
    public string Registration => Path.Combine(KubeletDir, "plugins_registry", $"{DriverName}-reg.sock");

    public async Task InitializeAsync()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        await SampleImage.ImportAsync(SampleImage.First);
        var config = Path.Combine(_folder.Path, "host.conf");
        await File.WriteAllTextAsync(config, $"orchestrator.kubelet-dir = \"{KubeletDir}\"\n");
        Node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, ["--config", config]));
        Kubectl = Node.Kubectl(Kit.Kubectl.Newest);
        StartDriver();
    }

    public async Task DisposeAsync()
    {
        if (Node is not null)
        {
            await Node.DisposeAsync();
        }

        await StopDriverAsync();
        foreach (var mount in Mounted())
        {
            await Command.RunAsync("umount", ["-l", mount], Bound);
        }

        _folder.Dispose();
    }

    /// <summary>Starts the driver.</summary>
    public void StartDriver(params ReadOnlySpan<string> more)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "csi-loop");
        Assert.True(File.Exists(program), $"There is no {program}: build samples/csi-loop.");
        _driver = Process.Start(new ProcessStartInfo(program,
            ["--endpoint", Endpoint, "--registration", Registration, "--data", Images, "--node", Node.Name, "--urls", "http://127.0.0.1:0", .. more]))!;
    }

    /// <summary>Kills the driver, whose sockets stay.</summary>
    public async Task StopDriverAsync()
    {
        if (_driver is { } driver)
        {
            driver.Kill();
            await driver.WaitForExitAsync().WaitAsync(Bound);
            driver.Dispose();
            _driver = null;
        }
    }

    /// <summary>Waits until the cluster knows that the node has the driver.</summary>
    public Task RegisteredAsync() => Kubectl.WaitForAsync($"get csinode {Node.Name} --ignore-not-found -o jsonpath={{.spec.drivers[*].name}}", t => t == DriverName, Bound);

    /// <summary>Has the driver make a volume, as an administrator would who makes its PersistentVolume by hand.</summary>
    public async Task CreateVolumeAsync(string id)
    {
        await RegisteredAsync();
        using var channel = UnixChannel.Open(Endpoint);
        await new Controller.ControllerClient(channel).CreateVolumeAsync(new CreateVolumeRequest { Name = id, VolumeCapabilities = { new VolumeCapability { Mount = new(), AccessMode = new() } } });
    }

    /// <summary>What is mounted in the folder of drivers.</summary>
    public IReadOnlyList<string> Mounted() => [.. File.ReadLines("/proc/self/mountinfo").Select(l => l.Split(' ')[4]).Where(m => m.StartsWith(KubeletDir + "/", StringComparison.Ordinal)).Reverse()];

    /// <summary>Waits until as much is mounted as should be.</summary>
    public Task MountedAsync(int staged, int published) => Poll.UntilAsync(
        () => Task.FromResult(Mounted().Count(m => m.EndsWith("/globalmount", StringComparison.Ordinal)) == staged && Mounted().Count(m => m.EndsWith("/mount", StringComparison.Ordinal)) == published),
        Bound, () => $"{staged} staged and {published} published; there are: {string.Join(", ", Mounted())}; the node said: {Node.Output}");
}
