using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Conformance.Containers;

/// <summary>Probes of real containers.</summary>
[Collection(ContainersHost.Name)]
public sealed class ProbeSpec(ContainersHost host)
{
    private const string Often = "\"periodSeconds\": 1, \"failureThreshold\": 2";
    private const string Serves = "mkdir /w; echo ok > /w/healthz; httpd -f -p 8080 -h /w";
    private const int Delay = 4;

    // All run at once. The health of the last two goes after two seconds.
    [Fact]
    [Conformance("Probing container should *not* be restarted with a exec \"cat /tmp/health\" liveness probe")]
    [Conformance("Probing container should *not* be restarted with a /healthz http liveness probe")]
    [Conformance("Probing container should *not* be restarted with a tcp:8080 liveness probe")]
    [Conformance("Probing container should be restarted with a exec \"cat /tmp/health\" liveness probe")]
    [Conformance("Probing container should be restarted with a /healthz http liveness probe")]
    [Conformance("Probing container should have monotonically increasing restart count")]
    public async Task A_container_is_restarted_when_it_is_not_alive_and_only_then()
    {
        await StartAsync("exec-well", "touch /tmp/health; sleep 3600", """{ "exec": { "command": [ "cat", "/tmp/health" ] }, OFTEN }""");
        await StartAsync("http-well", Serves, """{ "httpGet": { "path": "/healthz", "port": 8080 }, OFTEN }""");
        await StartAsync("tcp-well", Serves, """{ "tcpSocket": { "port": 8080 }, OFTEN }""");
        await StartAsync("exec-ill", "touch /tmp/health; sleep 2; rm /tmp/health; sleep 3600", """{ "exec": { "command": [ "cat", "/tmp/health" ] }, OFTEN }""");
        await StartAsync("http-ill", $"(sleep 2; rm /w/healthz) & {Serves}", """{ "httpGet": { "path": "/healthz", "port": 8080 }, OFTEN }""");

        await PodIsAsync(host.Node, "http-ill", p => Restarts(p) > 0);
        var seen = new List<int>();
        await PodIsAsync(host.Node, "exec-ill", p =>
        {
            seen.Add(Restarts(p));
            return seen[^1] >= 2;
        });
        Assert.Equal(seen.Order(), seen);

        foreach (var well in (string[])["exec-well", "http-well", "tcp-well"])
        {
            Assert.Equal(0, Restarts(await PodIsAsync(host.Node, well, IsReady)));
        }
    }

    [Fact]
    [Conformance("Probing container with readiness probe should not be ready before initial delay and never restart")]
    [Conformance("Probing container with readiness probe that fails should never be ready and never restart")]
    public async Task A_container_is_ready_when_its_probe_says_so_and_is_never_restarted_for_it()
    {
        await CreateAsync(host.Node, "ready-later", "Always", $$"""
            "containers": [ {{Runs("touch /tmp/health; sleep 3600")}}, "readinessProbe": { "exec": { "command": [ "cat", "/tmp/health" ] }, "initialDelaySeconds": {{Delay}} } } ]
            """);
        await CreateAsync(host.Node, "ready-never", "Always", $$"""
            "containers": [ {{Runs("sleep 3600")}}, "readinessProbe": { "exec": { "command": [ "cat", "/tmp/health" ] }, {{Often}} } } ]
            """);
        var later = await PodIsAsync(host.Node, "ready-later", IsReady);
        var ready = later["status"]!["conditions"]!.AsArray().Single(c => (string)c!["type"]! == "Ready")!;
        var started = later["status"]!["containerStatuses"]![0]!["state"]!["running"]!["startedAt"]!;
        Assert.True((DateTimeOffset)ready["lastTransitionTime"]! - (DateTimeOffset)started >= TimeSpan.FromSeconds(Delay - 1), later["status"]!.ToJsonString());
        Assert.Equal(0, Restarts(later));
        var never = await PodIsAsync(host.Node, "ready-never", p => (string?)p["status"]!["phase"] == "Running");
        Assert.False(IsReady(never));
        await host.Node.Kubectl(Kubectl.Newest, "default").WaitForAsync("get events --field-selector=involvedObject.name=ready-never -o jsonpath={.items[*].message}", t => t.Contains("Readiness probe failed", StringComparison.Ordinal));
        never = await PodAsync(host.Node, "ready-never");
        Assert.Equal((false, 0), (IsReady(never), Restarts(never)));
    }

    // The pod has the host's network, where this process serves.
    [Fact]
    [Conformance("Probing container should *not* be restarted with a GRPC liveness probe")]
    [Conformance("Probing container should be restarted with a GRPC liveness probe")]
    public async Task A_health_service_is_asked_by_grpc()
    {
        var isWell = true;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Any, 0, l => l.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddGrpcHealthChecks(o => o.Services.Map("ill", c => c.Name == "ill")).AddCheck("well", () => HealthCheckResult.Healthy())
            .AddCheck("ill", () => Volatile.Read(ref isWell) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
        builder.Services.Configure<HealthCheckPublisherOptions>(o => (o.Delay, o.Period) = (TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        await using var served = builder.Build();
        served.MapGrpcHealthChecksService();
        await served.StartAsync();
        var port = new Uri(served.Urls.Single()).Port;
        await StartAsync("grpc-well", "sleep 3600", $$"""{ "grpc": { "port": {{port}}, "service": "ill" }, OFTEN }""", "\"hostNetwork\": true,");
        await PodIsAsync(host.Node, "grpc-well", IsReady);
        Assert.Equal(0, Restarts(await PodAsync(host.Node, "grpc-well")));
        Volatile.Write(ref isWell, false);
        await PodIsAsync(host.Node, "grpc-well", p => Restarts(p) > 0);
        await host.Node.Kubectl(Kubectl.Newest, "default").WaitForAsync("get events --field-selector=involvedObject.name=grpc-well -o jsonpath={.items[*].message}",
            t => t.Contains("Liveness probe failed: service unhealthy (responded with \"NOT_SERVING\")", StringComparison.Ordinal));
    }

    private Task StartAsync(string name, string script, string liveness, string spec = "") => CreateAsync(host.Node, name, "Always", $$"""
        {{spec}} "containers": [ {{Runs(script)}}, "livenessProbe": {{liveness.Replace("OFTEN", Often, StringComparison.Ordinal)}} } ]
        """);

    private static int Restarts(JsonNode pod) => (int?)pod["status"]!["containerStatuses"]?[0]!["restartCount"] ?? 0;

    private static bool IsReady(JsonNode pod) => (pod["status"]!["conditions"] as JsonArray ?? []).Any(c => (string)c!["type"]! == "Ready" && (string)c["status"]! == "True");
}
