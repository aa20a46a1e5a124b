using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Node.Dns;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Benchmarks;

/// <summary>The server of names with 5,000 services, on one core, beside dnsmasq with as many names.</summary>
internal sealed class NamesBenchmark : IBenchmark
{
    private const int Count = 5000;
    private const int Window = 64;
    private const string Serve = "--serve-names";

    public string Name => "names";

    public string What => "answers of names per second on one core, beside dnsmasq (Debian: dnsmasq-base)";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        var time = TimeSpan.FromSeconds(run.IsLong ? 20 : 5);
        var figures = new List<Figure>();
        using var folder = new TempDirectory();
        var port = FreePort.Next();
        using (Start("taskset", ["-c", "0", Environment.ProcessPath!, .. Own(), Serve, $"{port}"]))
        {
            await MeasureAsync("names of the cluster", port);
        }

        var hosts = Path.Combine(folder.Path, "hosts");
        await File.WriteAllLinesAsync(hosts, Enumerable.Range(0, Count).Select(i => $"10.96.{i / 250}.{i % 250 + 1} s{i}.default.svc.cluster.local"), cancellation);
        var other = FreePort.Next();
        try
        {
            using (Start("taskset", ["-c", "0", "dnsmasq", "--keep-in-foreground", "--user=root", $"--port={other}", "--listen-address=127.0.0.1", "--bind-interfaces", "--no-resolv", "--no-hosts", $"--addn-hosts={hosts}", "--conf-file=/dev/null", "--pid-file"]))
            {
                await MeasureAsync("dnsmasq", other);
            }
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            run.Tell($"dnsmasq was not measured: {e.Message}");
        }

        return figures;

        async Task MeasureAsync(string what, int at)
        {
            run.Tell(what);
            using var client = new UdpClient(AddressFamily.InterNetwork);
            client.Connect(IPAddress.Loopback, at);
            await AnswersAsync(client, cancellation);
            Ask(client, TimeSpan.FromSeconds(2));
            var (answers, times) = Ask(client, time);
            figures.Add(new($"{what}: answers", answers / time.TotalSeconds, "/s"));
            figures.Add(new($"{what}: answer with {Window} questions under way, p99", NetProbe.Percentile(times, 99), "µs"));
        }
    }

    /// <summary>The other end: a server in a process of its own.</summary>
    public static async Task<int> ServeAsync(string port)
    {
        var zone = Enumerable.Range(0, Count).Aggregate(DnsZone.Empty, (z, i) => z.With("default", $"s{i}", new DnsService("default", $"s{i}", [IPAddress.Parse($"10.96.{i / 250}.{i % 250 + 1}")], null, [], [])));
        using var server = new ClusterDns(new HostDns("/nonexistent"), TimeProvider.System, (what, why) => Console.Error.WriteLine($"{what}: {why.Message}"), IPNetwork.Parse("10.244.0.0/14").Contains, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture)) { Zone = zone };
        server.Serve(IPAddress.Loopback);
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    /// <summary>Whether arguments ask for the other end.</summary>
    public static bool IsServer(string[] args) => args is [Serve, _];

    private static async Task AnswersAsync(UdpClient client, CancellationToken cancellation)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(20);)
        {
            try
            {
                await client.SendAsync(Question(0), cancellation);
                await client.ReceiveAsync(cancellation).AsTask().WaitAsync(TimeSpan.FromMilliseconds(300), cancellation);
                return;
            }
            catch (Exception e) when (e is SocketException or TimeoutException)
            {
                await Task.Delay(100, cancellation);
            }
        }

        throw new TimeoutException("The server of names does not answer.");
    }

    // As many questions under way as the window is wide.
    private static (int Answers, double[] Times) Ask(UdpClient client, TimeSpan time)
    {
        var (socket, sent, times, buffer) = (client.Client, new long[Window], new List<double>(), new byte[512]);
        socket.ReceiveTimeout = 2000;
        for (var i = 0; i < Window; i++)
        {
            sent[i] = Stopwatch.GetTimestamp();
            socket.Send(Question(i));
        }

        for (var clock = Stopwatch.StartNew(); clock.Elapsed < time;)
        {
            socket.Receive(buffer);
            var id = (buffer[0] << 8 | buffer[1]) % Window;
            if ((buffer[3] & 15) != 0 || buffer[7] != 1)
            {
                throw new InvalidOperationException("A name was not answered.");
            }

            times.Add(Stopwatch.GetElapsedTime(sent[id]).TotalMicroseconds);
            sent[id] = Stopwatch.GetTimestamp();
            socket.Send(Question(id));
        }

        for (var i = 0; i < Window; i++)
        {
            socket.Receive(buffer);
        }

        times.Sort();
        return (times.Count, [.. times]);
    }

    private static byte[] Question(int id) =>
        [(byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. $"s{Random.Shared.Next(Count)}.default.svc.cluster.local".Split('.').SelectMany(l => (byte[])[(byte)l.Length, .. Encoding.ASCII.GetBytes(l)]), 0, 0, 1, 0, 1];

    // This program, as it was started: by the runtime's host or by itself.
    private static string[] Own() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

    private static Running Start(string program, string[] arguments) => new(Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!);

    private sealed class Running(Process process) : IDisposable
    {
        public void Dispose()
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(TimeSpan.FromSeconds(10));
            process.Dispose();
        }
    }

    private sealed class TempDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("orchestrator-names-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
