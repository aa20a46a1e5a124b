using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>The process that holds a pod's network: it can do nothing, and who sees it can do nothing with it.</summary>
[Collection(DockerHost.Name)]
public sealed class SandboxProcessSpec(DockerHost host)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [RootFact]
    public async Task It_has_no_rights_and_is_filtered_where_containers_see_it()
    {
        await CreateAsync(host.Node, "held-alone", "Always", $$""" "containers": [ {{Runs("sleep 600")}} } ] """);
        await CreateAsync(host.Node, "held-seen", "Always", $$""" "shareProcessNamespace": true, "containers": [ {{Runs("sleep 600")}} } ] """);
        Assert.Equal(("0", "1", "0000000000000000"), await StatusAsync("held-alone"));
        Assert.Equal(("2", "1", "0000000000000000"), await StatusAsync("held-seen"));

        // Process 1 there is the sandbox's, which a container of the same user could trace if it were like any other.
        var look = await Command.RunAsync("docker", ["exec", await host.ContainerAsync("held-seen", "main"), "sh", "-c", "cat /proc/$$/maps > /dev/null && cat /proc/1/maps"], Bound);
        Assert.Contains("Permission denied", look.EndedWith(1).Error, StringComparison.Ordinal);
    }

    private async Task<(string? Seccomp, string? NoNewPrivileges, string? Capabilities)> StatusAsync(string pod)
    {
        await PodIsAsync(host.Node, pod, IsReady);
        var process = (await Command.RunAsync("docker", ["inspect", "-f", "{{.State.Pid}}", await host.ContainerAsync(pod, "POD")], Bound)).Succeeded().Trim();
        var status = (await File.ReadAllLinesAsync($"/proc/{process}/status")).Select(l => l.Split(':', StringSplitOptions.TrimEntries)).ToDictionary(l => l[0], l => l[1]);
        return (status["Seccomp"], status["NoNewPrivs"], status["CapEff"]);
    }
}
