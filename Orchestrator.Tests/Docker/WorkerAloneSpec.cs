using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>A worker whose control host is away: what crashes starts again with what its agent knows.</summary>
public sealed class WorkerAloneSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_container_that_dies_starts_again_though_nobody_answers()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var control = await NodeProcess.StartAsync(new NodeSettings("docker", 0, Options: ["--roles", "control", "--cluster-address", FreePort.Address().ToString()]));
        await using var worker = await NodeProcess.StartAsync(new NodeSettings("docker", 0, Seed: control));
        await control.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"c"},"data":{"word":"known"}}""");
        await CreateAsync(control, "alone", "Always", $$"""
            "containers": [ {{Runs("test $WORD = known && exec sleep 600")}}, "env": [ { "name": "WORD", "valueFrom": { "configMapKeyRef": { "name": "c", "key": "word" } } } ] } ]
            """);
        var pod = await PodIsAsync(control, "alone", IsReady);
        await control.KillAsync();
        (await Command.RunAsync("docker", ["kill", ((string)pod["status"]!["containerStatuses"]![0]!["containerID"]!)["docker://".Length..]], Bound)).Succeeded();
        await Poll.UntilAsync(async () => (await Command.RunAsync("docker", ["ps", "-q", "--filter", $"label=orchestrator.io/node={worker.Name}", "--filter", "name=^/k8s_main_alone_default_.*_1$"], Bound)).Output.Length > 0,
            Bound, () => $"its next attempt runs; the worker said: {worker.Output}");
        await control.RestartAsync();
        await PodIsAsync(control, "alone", p => Restarts(p) == 1 && IsReady(p));
    }
}
