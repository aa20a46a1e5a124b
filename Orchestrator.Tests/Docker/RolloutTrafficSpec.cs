using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>A rolling update under load: clients that retry nothing lose no request. Of 500 pods the benchmark <c>churn</c> says the same.</summary>
[Collection(DockerHost.Name)]
public sealed class RolloutTrafficSpec(DockerHost host)
{
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [RootFact]
    public async Task Pods_are_replaced_without_a_request_lost()
    {
        await host.Node.AskAsync(HttpMethod.Post, Deployments, $$"""
            { "metadata": { "name": "rolled" }, "spec": { "replicas": 3, "selector": { "matchLabels": { "app": "rolled" } }, "strategy": { "rollingUpdate": { "maxSurge": 3, "maxUnavailable": 0 } },
              "template": { "metadata": { "labels": { "app": "rolled" } }, "spec": { "containers": [ {{Runs("mkdir -p /w && echo hello > /w/index.html && exec httpd -f -p 8080 -h /w")}},
                "readinessProbe": { "httpGet": { "path": "/", "port": 8080 }, "periodSeconds": 1 }, "lifecycle": { "preStop": { "sleep": { "seconds": 2 } } } } ] } } } }
            """);
        var service = await host.Node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", """{ "metadata": { "name": "rolled" }, "spec": { "selector": { "app": "rolled" }, "ports": [ { "port": 80, "targetPort": 8080 } ] } }""");
        var target = new IPEndPoint(IPAddress.Parse((string)service["spec"]!["clusterIP"]!), 80);
        await DoneAsync();
        await Poll.UntilAsync(async () => await AskAsync(target) is null, Bound, () => "the service answers");

        using var stop = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            var (asked, lost) = (0, new List<string>());
            for (; !stop.IsCancellationRequested; asked++)
            {
                if (await AskAsync(target) is { } why)
                {
                    lost.Add(why);
                }
            }

            return (asked, lost);
        });
        await host.Node.AskAsync(HttpMethod.Patch, $"{Deployments}/rolled", """{ "spec": { "template": { "metadata": { "annotations": { "round": "2" } } } } }""", "application/merge-patch+json");
        await DoneAsync();
        await stop.CancelAsync();
        var (asked, lost) = await load;
        Assert.Equal([], lost);
        Assert.InRange(asked, 100, int.MaxValue);
        await host.Node.AskAsync(HttpMethod.Delete, $"{Deployments}/rolled");
        await host.Node.AskAsync(HttpMethod.Delete, "/api/v1/namespaces/default/services/rolled");
    }

    private Task DoneAsync() => Poll.UntilAsync(async () =>
    {
        var deployment = await host.Node.AskAsync(HttpMethod.Get, $"{Deployments}/rolled");
        var status = deployment["status"];
        return (long?)status?["observedGeneration"] == (long)deployment["metadata"]!["generation"]! && (int?)status?["updatedReplicas"] == 3 && (int?)status?["replicas"] == 3 && (int?)status?["availableReplicas"] == 3;
    }, Bound, () => "three pods of the template are ready, and no others");

    // A connection for each; why it was lost, null if it was not.
    private static async Task<string?> AskAsync(IPEndPoint to)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(to, bound.Token);
            await socket.SendAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray(), bound.Token);
            var (buffer, got) = (new byte[1024], 0);
            for (int n; (n = await socket.ReceiveAsync(buffer.AsMemory(got), bound.Token)) > 0;)
            {
                got += n;
            }

            return Encoding.ASCII.GetString(buffer, 0, got).EndsWith("hello\n", StringComparison.Ordinal) ? null : "not all of it";
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return e.Message;
        }
    }
}
