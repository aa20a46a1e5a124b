using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>Security contexts as a real container meets them.</summary>
public sealed class ContainerSecuritySpec
{
    private const string Status = "/proc/self/status";

    [Fact]
    public async Task A_container_has_the_privileges_the_filter_and_the_group_that_it_asks_for()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        Directory.CreateDirectory(Path.Combine(node.DataDir, "seccomp"));
        await File.WriteAllTextAsync(Path.Combine(node.DataDir, "seccomp", "no-mkdir.json"),
            """{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [ { "names": [ "mkdir", "mkdirat" ], "action": "SCMP_ACT_ERRNO" } ] }""");
        await CreateAsync(node, "lost", "Never", $$"""
            "containers": [ {{Runs("true")}}, "securityContext": { "seccompProfile": { "type": "Localhost", "localhostProfile": "missing.json" } } } ]
            """);
        await CreateAsync(node, "confined", "Never", $$"""
            "securityContext": { "runAsGroup": 5, "seccompProfile": { "type": "Unconfined" } },
            "containers": [
              {{Runs($"grep -q NoNewPrivs.*1 {Status} && test $(id -g) = 5", "kept")}}, "securityContext": { "allowPrivilegeEscalation": false } },
              {{Runs($"grep -q NoNewPrivs.*0 {Status} && grep -q Seccomp:.*0 {Status}", "open")}} },
              {{Runs("touch /a && ! mkdir /b", "profile")}}, "securityContext": { "seccompProfile": { "type": "Localhost", "localhostProfile": "no-mkdir.json" } } },
              {{Runs($"grep -q Seccomp:.*2 {Status} && test $(id -u):$(id -g) = 7:8", "own")}},
                "securityContext": { "runAsUser": 7, "runAsGroup": 8, "seccompProfile": { "type": "RuntimeDefault" } } } ]
            """);
        var pod = await PodIsAsync(node, "confined", p => (string?)p["status"]?["phase"] is "Succeeded" or "Failed");
        Assert.All(pod["status"]!["containerStatuses"]!.AsArray(), c => Assert.Equal(((string?)c!["name"], 0), ((string?)c["name"], (int)c["state"]!["terminated"]!["exitCode"]!)));
        var lost = await PodIsAsync(node, "lost", p => p["status"]?["containerStatuses"]?[0]?["state"]?["waiting"]?["message"] is not null);
        Assert.Contains("seccomp profile \"missing.json\" of the node cannot be read", (string)lost["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!["message"]!, StringComparison.Ordinal);
    }
}
