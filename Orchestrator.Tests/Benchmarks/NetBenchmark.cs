using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Network;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Benchmarks;

/// <summary>The ways of packets: between pods, through a service, a port of the node and the tunnel between hosts, beside the engine's bridge and a virtual address of its swarm.</summary>
internal sealed class NetBenchmark : IBenchmark
{
    private const string Image = "orchestrator/sample:1";
    private const int Port = 9000;
    private const int RoundTrips = 20_000;
    private const int Requests = 10_000;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public string Name => "net";

    public string What => "throughput and round trips between pods, through services, node ports and the tunnel, beside the engine's bridge and swarm; needs root and a Docker engine";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        var figures = new List<Figure>();
        var time = run.IsLong ? TimeSpan.FromSeconds(10) : TimeSpan.FromSeconds(3);
        var http = FreePort.Next();
        await using (var host = await HostProcess.StartAsync($"--runtime docker --ingress-http-port {http} --ingress-https-port 0 --ingress-access-log off", null, cancellation))
        {
            await using var follower = await PodFollower.StartAsync(host.Api, cancellation);
            foreach (var name in new[] { "from", "to" })
            {
                await host.Api.PostAsync(Samples.Pods, Encoding.UTF8.GetBytes(
                    $$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","labels":{"app":"{{{name}}}"}},"spec":{"terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"{{{Image}}}","command":["sleep","600"]}] } }"""), cancellation);
            }

            await host.Api.PostAsync("/api/v1/namespaces/default/services", Encoding.UTF8.GetBytes(
                $$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"to"},"spec":{"type":"NodePort","selector":{"app":"to"},"ports":[{"port":80,"targetPort":{{{Port}}}}]}}"""), cancellation);
            await follower.WaitAsync(f => f.Ready == 2, Bound, cancellation);
            var names = NetworkNames.Of(Installation.Of(host.DataDir));
            var (from, to) = (await PodAsync(host, "from", cancellation), await PodAsync(host, "to", cancellation));
            var service = await host.Api.GetJsonAsync("/api/v1/namespaces/default/services/to", cancellation);
            var source = NetworkNames.PathOf(names.For(IPAddress.Parse(from.Address)));
            using var server = await NetProbe.ServeAsync(NetworkNames.PathOf(names.For(IPAddress.Parse(to.Address))), Port);
            var cluster = new IPEndPoint(IPAddress.Parse((string)service["spec"]!["clusterIP"]!), 80);
            while (NetProbe.Connect(cluster) is null)
            {
                await Task.Delay(50, cancellation);
            }

            await MeasureAsync("pod to pod", source, new IPEndPoint(IPAddress.Parse(to.Address), Port));
            await MeasureAsync("through the cluster IP", source, cluster);
            await host.Api.PostAsync("/apis/networking.k8s.io/v1/namespaces/default/ingresses", Encoding.UTF8.GetBytes(
                """{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"to"},"spec":{"rules":[{"host":"to.example","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"to","port":{"number":80}}}}]}}]}}"""), cancellation);
            var ingress = new IPEndPoint(IPAddress.Parse(from.Host), http);
            while (await NetProbe.InAsync(source, () => NetProbe.Connect(ingress)) is null)
            {
                await Task.Delay(50, cancellation);
            }

            foreach (var (what, target) in new[] { ("by HTTP through the cluster IP", cluster), ("by HTTP through the ingress", ingress) })
            {
                run.Tell(what);
                var requests = await NetProbe.RequestsAsync(source, target, "to.example", Requests);
                figures.Add(new($"{what}: one after the other", Requests / requests.Sum() * 1e6, "/s"));
                figures.Add(new($"{what}: p99", NetProbe.Percentile(requests, 99), "µs"));
            }

            await MeasureAsync("through a port of the node", source, new IPEndPoint(IPAddress.Parse(from.Host), (int)service["spec"]!["ports"]![0]!["nodePort"]!));
        }

        await TunnelAsync();
        await BridgeAsync();
        await SwarmAsync();
        return figures;

        async Task MeasureAsync(string what, string ns, IPEndPoint target)
        {
            run.Tell(what);
            var trips = await NetProbe.RoundTripsAsync(ns, target, RoundTrips);
            figures.Add(new($"{what}: one connection", await NetProbe.ThroughputAsync(ns, target, time), "Gbit/s"));
            figures.Add(new($"{what}: round trip, p50", NetProbe.Percentile(trips, 50), "µs"));
            figures.Add(new($"{what}: round trip, p99", NetProbe.Percentile(trips, 99), "µs"));
        }

        // Two hosts as namespaces on a wire, each with a pod, joined by what the agents would tell the kernel.
        async Task TunnelAsync()
        {
            var (cluster, ends) = (IPNetwork.Parse("10.63.0.0/16"), ((IPAddress Host, IPNetwork Range)[])[(IPAddress.Parse("198.18.0.1"), IPNetwork.Parse("10.63.1.0/24")), (IPAddress.Parse("198.18.0.2"), IPNetwork.Parse("10.63.2.0/24"))]);
            try
            {
                await IpAsync([], ["netns add bnet1", "netns add bnet2", "netns add bpod1", "netns add bpod2", "link add eth0 netns bnet1 type veth peer name eth0 netns bnet2"]);
                foreach (var (end, i) in ends.Select((e, i) => (e, i + 1)))
                {
                    var pod = $"10.63.{i}.2";
                    await IpAsync(["-n", $"bnet{i}"], ["link set lo up", $"addr add {end.Host}/24 dev eth0", "link set eth0 up", $"link add pod type veth peer name eth0 netns bpod{i}", "link set pod up", $"addr add 10.63.{i}.1/32 dev pod", $"route add {pod}/32 dev pod",
                        .. PeerPlanner.Tunnel("btun", PodRoom.Of(end.Range.ToString()), cluster, end.Host, 1500)]);
                    var other = ends[2 - i];
                    PeerRoute[] routes = [new PeerRoute(other.Range, other.Host, IsDirect: false, PeerPlanner.HardwareOf(other.Range))];
                    await IpAsync(["-n", $"bnet{i}"], PeerPlanner.Lines(routes, [], "btun", 100));
                    await HostTool.BatchAsync("bridge", ["-n", $"bnet{i}"], PeerPlanner.Hosts(routes, "btun"), cancellation);
                    await IpAsync(["-n", $"bpod{i}"], ["link set lo up", "link set eth0 mtu 1450 up", $"addr add {pod}/32 dev eth0", $"route add 10.63.{i}.1 dev eth0 scope link", $"route add default via 10.63.{i}.1"]);
                    await NetProbe.InAsync(NetworkNames.PathOf($"bnet{i}"), () =>
                    {
                        File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
                        return true;
                    });
                }

                using var server = await NetProbe.ServeAsync(NetworkNames.PathOf("bpod2"), Port);
                await MeasureAsync("across the tunnel", NetworkNames.PathOf("bpod1"), new IPEndPoint(IPAddress.Parse("10.63.2.2"), Port));
            }
            finally
            {
                foreach (var name in new[] { "bpod1", "bpod2", "bnet1", "bnet2" }.Where(n => File.Exists(NetworkNames.PathOf(n))))
                {
                    await IpAsync([], [$"netns del {name}"]);
                }
            }
        }

        async Task BridgeAsync()
        {
            var ids = new List<string>();
            try
            {
                ids.Add(await DockerAsync("run", "-d", Image, "sleep", "600"));
                ids.Add(await DockerAsync("run", "-d", Image, "sleep", "600"));
                using var server = await NetProbe.ServeAsync(await NamespaceAsync(ids[1]), Port);
                await MeasureAsync("the engine's bridge", await NamespaceAsync(ids[0]), new IPEndPoint(IPAddress.Parse(await DockerAsync("inspect", "-f", "{{.NetworkSettings.IPAddress}}", ids[1])), Port));
            }
            finally
            {
                await RemoveAsync(ids);
            }
        }

        async Task SwarmAsync()
        {
            if (await DockerAsync("info", "-f", "{{.Swarm.LocalNodeState}}") != "inactive")
            {
                run.Tell("skipped: the engine is in a swarm already");
                return;
            }

            var ids = new List<string>();
            await DockerAsync("swarm", "init", "--advertise-addr", "127.0.0.1");
            try
            {
                await DockerAsync("network", "create", "-d", "overlay", "--attachable", "bench");
                await DockerAsync("service", "create", "-d", "--name", "bench", "--network", "bench", Image, "sleep", "600");
                ids.Add(await DockerAsync("run", "-d", "--network", "bench", Image, "sleep", "600"));
                var task = "";
                for (var clock = Stopwatch.StartNew(); task.Length == 0; await Task.Delay(200, cancellation))
                {
                    task = await DockerAsync("ps", "-q", "--filter", "label=com.docker.swarm.service.name=bench");
                    if (clock.Elapsed > Bound)
                    {
                        throw new TimeoutException("The engine has not started its service.");
                    }
                }

                var address = (await DockerAsync("service", "inspect", "bench", "-f", "{{range .Endpoint.VirtualIPs}}{{.Addr}}{{end}}")).Split('/')[0];
                using var server = await NetProbe.ServeAsync(await NamespaceAsync(task), Port);
                var client = await NamespaceAsync(ids[0]);
                var target = new IPEndPoint(IPAddress.Parse(address), Port);
                for (var clock = Stopwatch.StartNew(); await NetProbe.InAsync(client, () => NetProbe.Connect(target)) is null; await Task.Delay(200, cancellation))
                {
                    if (clock.Elapsed > Patience)
                    {
                        run.Tell("skipped: the virtual address does not answer here; the kernel may lack ip_vs");
                        return;
                    }
                }

                await MeasureAsync("the virtual address of a swarm", client, target);
            }
            finally
            {
                await RemoveAsync(ids);
                await DockerAsync("service", "rm", "bench");
                await DockerAsync("swarm", "leave", "--force");
            }
        }

        Task IpAsync(string[] options, IEnumerable<string> lines) => HostTool.BatchAsync("ip", options, lines, cancellation);
    }

    private static async Task<(string Address, string Host)> PodAsync(HostProcess host, string name, CancellationToken cancellation)
    {
        JsonNode status = (await host.Api.GetJsonAsync($"{Samples.Pods}/{name}", cancellation))["status"]!;
        return ((string)status["podIP"]!, (string)status["hostIP"]!);
    }

    private static async Task RemoveAsync(List<string> ids)
    {
        if (ids.Count > 0)
        {
            await DockerAsync(["rm", "-f", .. ids]);
        }
    }

    private static async Task<string> NamespaceAsync(string container) => $"/proc/{await DockerAsync("inspect", "-f", "{{.State.Pid}}", container)}/ns/net";

    private static async Task<string> DockerAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("docker", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Bound);
        return process.ExitCode == 0 ? (await output).Trim() : throw new InvalidOperationException($"docker {string.Join(' ', arguments)}: {await error}");
    }
}
