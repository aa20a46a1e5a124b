using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Benchmarks;

/// <summary>Requests through a service while its pods are replaced, 500 of them: how many are lost by clients that retry nothing.</summary>
internal sealed class ChurnBenchmark : IBenchmark
{
    private const string Image = "orchestrator/sample:1";
    private const int Replicas = 20;
    private const int Clients = 4;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);
    private static readonly byte[] Request = "GET / HTTP/1.0\r\n\r\n"u8.ToArray();

    public string Name => "churn";

    public string What => "requests lost while 500 pods behind a service are replaced (--long: 1,000); needs root and a Docker engine";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        var wanted = run.IsLong ? 1000 : 500;
        await using var host = await HostProcess.StartAsync("--runtime docker", null, cancellation);
        await using var follower = await PodFollower.StartAsync(host.Api, cancellation);
        await host.Api.PostAsync(Samples.Deployments, Encoding.UTF8.GetBytes($$$"""
            { "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" }, "spec": { "replicas": {{{Replicas}}}, "selector": { "matchLabels": { "app": "web" } },
              "strategy": { "rollingUpdate": { "maxSurge": "100%", "maxUnavailable": 0 } },
              "template": { "metadata": { "labels": { "app": "web" } }, "spec": { "terminationGracePeriodSeconds": 10, "containers": [ { "name": "web", "image": "{{{Image}}}",
                "command": [ "sh", "-c", "mkdir -p /w && echo hello > /w/index.html && exec httpd -f -p 8080 -h /w" ],
                "readinessProbe": { "httpGet": { "path": "/", "port": 8080 }, "periodSeconds": 1 }, "lifecycle": { "preStop": { "sleep": { "seconds": 2 } } } } ] } } } }
            """), cancellation);
        await host.Api.PostAsync("/api/v1/namespaces/default/services", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"port":80,"targetPort":8080}]}}"""u8.ToArray(), cancellation);
        await follower.WaitAsync(f => f.Ready == Replicas, Bound, cancellation);
        var service = new IPEndPoint(IPAddress.Parse((string)(await host.Api.GetJsonAsync("/api/v1/namespaces/default/services/web", cancellation))["spec"]!["clusterIP"]!), 80);
        while (NetProbe.Connect(service) is null)
        {
            await Task.Delay(20, cancellation);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var (asked, lost, why, clock) = (0L, 0L, new System.Collections.Concurrent.ConcurrentDictionary<string, int>(), Stopwatch.StartNew());
        var clients = Enumerable.Range(0, Clients).Select(_ => Task.Factory.StartNew(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Interlocked.Increment(ref asked);
                if (Ask(service) is { } error)
                {
                    Interlocked.Increment(ref lost);
                    why.AddOrUpdate(error, 1, (_, n) => n + 1);
                }
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
        var replaced = 0;
        for (var round = 1; replaced < wanted; round++, replaced += Replicas)
        {
            run.Tell($"{replaced} of {wanted} pods replaced, {Interlocked.Read(ref asked)} requests, {Interlocked.Read(ref lost)} lost {string.Join(", ", why)}");
            await host.Api.PatchAsync($"{Samples.Deployments}/web", new JsonObject
            {
                ["spec"] = new JsonObject { ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["round"] = $"{round}" } } } },
            }, cancellation);
            for (var rollout = Stopwatch.StartNew(); !await IsDoneAsync(host, cancellation); await Task.Delay(100, cancellation))
            {
                if (rollout.Elapsed > Bound)
                {
                    throw new TimeoutException("A rollout does not end.");
                }
            }
        }

        var time = clock.Elapsed;
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        return
        [
            new($"{replaced} pods replaced, requests", asked / time.TotalSeconds, "/s"),
            new($"{replaced} pods replaced, requests lost", lost, "", Budget.AtMost(0)),
            new("pods replaced", replaced / time.TotalSeconds, "/s"),
        ];
    }

    private static async Task<bool> IsDoneAsync(HostProcess host, CancellationToken cancellation)
    {
        var deployment = await host.Api.GetJsonAsync($"{Samples.Deployments}/web", cancellation);
        var status = deployment["status"]!;
        return (long?)status["observedGeneration"] == (long?)deployment["metadata"]!["generation"] && (int?)status["updatedReplicas"] == Replicas && (int?)status["replicas"] == Replicas && (int?)status["availableReplicas"] == Replicas;
    }

    // A connection for each; why it was lost, null if it was not.
    private static string? Ask(IPEndPoint to)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 5000, SendTimeout = 5000 };
            socket.Connect(to);
            socket.Send(Request);
            var (buffer, got) = (new byte[1024], 0);
            for (int n; (n = socket.Receive(buffer.AsSpan(got))) > 0;)
            {
                got += n;
            }

            return Encoding.ASCII.GetString(buffer, 0, got).EndsWith("hello\n", StringComparison.Ordinal) ? null : "not all of it";
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode.ToString();
        }
    }
}
