using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Benchmarks;

/// <summary>An orchestrator-node of its own: free port, temporary data directory, gone when disposed.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private const string Name = "bench";
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(180);
    private readonly Process _process;
    private readonly bool _keepsData;
    private readonly bool _hasContainers;
    private readonly string _log;

    private HostProcess(Process process, string dataDir, bool keepsData, bool hasContainers, IPEndPoint address)
    {
        _process = process;
        _hasContainers = hasContainers;
        DataDir = dataDir;
        _keepsData = keepsData;
        Address = address;
        _log = Path.Combine(dataDir, "node.log");
    }

    public string DataDir { get; }

    public IPEndPoint Address { get; }

    public TimeSpan ReadyAfter { get; private set; }

    public ApiClient Api { get; private set; } = null!;

    /// <summary>Starts a host and waits until it is ready.</summary>
    /// <param name="args">Settings besides the addresses and the data directory.</param>
    /// <param name="dataDir">A directory to keep; null for one that goes with the host.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<HostProcess> StartAsync(string args, string? dataDir, CancellationToken cancellation)
    {
        var directory = dataDir ?? Directory.CreateTempSubdirectory("orchestrator-bench-").FullName;
        var address = FreePort.Address();
        var start = new ProcessStartInfo(Program(), $"--data-dir {directory} --api-address {address} --node-name {Name} {args}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ORCHESTRATOR_POD_CIDR"] = "10.63.0.0/16";
        var clock = Stopwatch.StartNew();
        var host = new HostProcess(Process.Start(start)!, directory, dataDir is not null, args.Contains("--runtime docker", StringComparison.Ordinal), address);
        host.KeepOutput();
        try
        {
            await host.WaitReadyAsync(clock, cancellation);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public double RssMb => Status("VmRSS:") / 1024.0;

    public TimeSpan Cpu
    {
        get
        {
            var text = File.ReadAllText($"/proc/{_process.Id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
        }
    }

    public int Id => _process.Id;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        if (!_process.HasExited)
        {
            // SIGTERM, as a service manager would.
            using (var kill = Process.Start("kill", _process.Id.ToString(CultureInfo.InvariantCulture)))
            {
                await kill.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(5));
            }

            try
            {
                await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
            }
            catch (TimeoutException)
            {
                _process.Kill();
            }
        }

        _process.Dispose();
        if (!_keepsData)
        {
            if (_hasContainers)
            {
                await Containers.RemoveAllAsync(Name);
            }

            using (var removal = Process.Start(Program(), ["--data-dir", DataDir, "--remove-network"]))
            {
                await removal.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
            }

            Directory.Delete(DataDir, recursive: true);
        }
    }

    private static string Program()
    {
        var own = Environment.GetEnvironmentVariable("ORCHESTRATOR_NODE") ?? Path.Combine(AppContext.BaseDirectory, "orchestrator-node");
        return File.Exists(own) ? own : throw new InvalidOperationException($"There is no {own}; build with dotnet build -c Release, or name the program in ORCHESTRATOR_NODE.");
    }

    private void KeepOutput()
    {
        var writer = TextWriter.Synchronized(new StreamWriter(_log, append: true) { AutoFlush = true });
        _process.OutputDataReceived += (_, e) => writer.WriteLine(e.Data);
        _process.ErrorDataReceived += (_, e) => writer.WriteLine(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private async Task WaitReadyAsync(Stopwatch clock, CancellationToken cancellation)
    {
        while (clock.Elapsed < StartBound)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"The host ended with {_process.ExitCode}: {string.Join(" / ", File.ReadLines(_log).TakeLast(5))}");
            }

            if (Api is null && File.Exists(Path.Combine(DataDir, "admin.kubeconfig")) && await ListensAsync(cancellation))
            {
                Api = new ApiClient(Address, DataDir);
            }

            if (Api is not null && await Api.IsReadyAsync(cancellation))
            {
                ReadyAfter = clock.Elapsed;
                return;
            }

            await Task.Delay(10, cancellation);
        }

        throw new TimeoutException($"The host was not ready in {StartBound.TotalSeconds:0} s.");
    }

    private async Task<bool> ListensAsync(CancellationToken cancellation)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(Address, cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private long Status(string field) => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith(field, StringComparison.Ordinal))[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(),
        CultureInfo.InvariantCulture);
}
